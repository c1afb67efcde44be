/* SPDX-License-Identifier: Apache-2.0 */
#include "op_run.h"

#include "parse.h"

static const struct {
	const char *name;
	int (*run)(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);
} ops[] = {
	{"intent-open", op_intent_open}, {"intent-cancel", op_intent_cancel},
	{"approve", op_approve},         {"status", op_status},
	{"events", op_events},           {"plan", op_plan},
	{"forget", op_forget},
};

int op_run(const struct op_context *ctx, const char *op, const json_t *args, json_t **ret_reply,
	   struct err *err)
{
	_cleanup_(freep) char *shown = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (streq(ops[i].name, op))
			return ops[i].run(ctx, args, ret_reply, err);
	shown = printable(op, __builtin_strlen(op) < 40 ? __builtin_strlen(op) : 40);
	return err_set(err, ERR_USAGE, "there is no operation \"%s\"", shown);
}

int op_forget(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	struct jsonx_reader r;
	struct mac mac;

	jsonx_begin(&r, args, "$", err);
	jsonx_string(&r, "mac", &text);
	if (jsonx_done(&r) < 0 || mac_parse(text, &mac, err) < 0)
		return -1;
	if (ctx->flush)
		ctx->flush(ctx->arg);
	if (store_unknown_forget(ctx->store, &mac, err) < 0)
		return -1;
	*ret = json_object();
	jsonx_put_string(*ret, "mac", text);
	return 0;
}

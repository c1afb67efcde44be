/* SPDX-License-Identifier: Apache-2.0 */
#include "ready.h"

#include <fcntl.h>
#include <string.h>

#include "fsio.h"
#include "limits.h"
#include "runcmd.h"

static const json_t *ready_condition(const json_t *status)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(status, "conditions"), i, item) {
		const char *type = json_string_value(json_object_get(item, "type"));

		if (type && streq(type, "Ready"))
			return item;
	}
	return NULL;
}

bool ready_judge(const json_t *node, const char *boot_id, char **ret_why)
{
	const json_t *status = json_object_get(node, "status");
	const json_t *info = json_object_get(status, "nodeInfo");
	const json_t *condition = ready_condition(status);
	const char *booted = json_string_value(json_object_get(info, "bootID"));
	const char *state = json_string_value(json_object_get(condition, "status"));
	const char *message = json_string_value(json_object_get(condition, "message"));

	if (!booted || !streq(booted, boot_id)) {
		*ret_why = xstrdup("the cluster has not heard of this start of the node yet");
		return false;
	}
	if (state && streq(state, "True"))
		return true;
	*ret_why = xstrndup(message && *message ? message : "kubelet has not said that it is ready",
			    LIMIT_MESSAGE);
	return false;
}

int ready_ask(const char *const *kubectl, const char *node, const char *boot_id, bool *ret_ready,
	      char **ret_why, struct err *err)
{
	const char *argv[16] = {0};
	struct runcmd cmd = {.argv = argv, .timeout_s = 60};
	_cleanup_(freep) char *output = NULL;
	_cleanup_json_ json_t *j = NULL;
	size_t n = 0;

	while (n < 8 && kubectl[n]) {
		argv[n] = kubectl[n];
		n++;
	}
	argv[n++] = "get";
	argv[n++] = "node";
	argv[n++] = node;
	argv[n++] = "-o";
	argv[n++] = "json";
	argv[n++] = "--request-timeout=30s";
	if (runcmd(&cmd, &output, err) < 0 ||
	    jsonx_parse(output, strlen(output), "the Node object", &j, err) < 0) {
		err->kind = ERR_NETWORK;
		return -1;
	}
	*ret_ready = ready_judge(j, boot_id, ret_why);
	return 0;
}

int ready_boot_id(char **ret, struct err *err)
{
	char *text;
	size_t len;

	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 128, &text, &len, err) < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	*ret = text;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "import/butane_text.h"

#include "import/go_template.h"

#include <string.h>

static void add_indent(struct buf *b, unsigned int depth)
{
	for (unsigned int i = 0; i < depth; i++)
		buf_adds(b, "  ");
}

void butane_text_quote(struct buf *b, const char *text)
{
	_cleanup_json_ json_t *j = json_string(text);
	_cleanup_(freep) char *s = j ? json_dumps(j, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	buf_adds(b, s ? s : "\"\"");
}

char *butane_text_references(const char *text)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	while (*text) {
		if (startswith(text, GO_MARK_BEGIN)) {
			buf_adds(&b, "{{ ");
			text += strlen(GO_MARK_BEGIN);
		} else if (startswith(text, GO_MARK_END)) {
			buf_adds(&b, " }}");
			text += strlen(GO_MARK_END);
		} else if (startswith(text, "{{")) {
			buf_adds(&b, "{{{{");
			text += 2;
		} else {
			buf_addc(&b, *text++);
		}
	}
	return buf_take(&b);
}

/* A block text stands as it is: no reference in it, each line can be told from the indent, and one
 * newline ends it or none. Only ASCII: what a reader of YAML may take for a line's end is not. */
static bool fits_block(const char *text)
{
	const size_t len = strlen(text);

	if (!strchr(text, '\n') || text[0] == ' ' || text[0] == '\n' || text[0] == '\t' ||
	    strstr(text, GO_MARK_BEGIN) || (len >= 2 && endswith(text, "\n\n")))
		return false;
	for (const char *c = text; *c; c++)
		if ((*c < ' ' && *c != '\n' && *c != '\t') || *c > '~')
			return false;
	return true;
}

static void add_block(struct buf *b, const char *text, unsigned int depth)
{
	buf_adds(b, endswith(text, "\n") ? "|\n" : "|-\n");
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len) {
			add_indent(b, depth);
			buf_add(b, text, len);
		}
		buf_addc(b, '\n');
		text += len + (text[len] == '\n');
	}
}

/* A text that no reader of YAML takes for anything else. */
static bool fits_plain(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/";
	static const char rest[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/@-";
	static const char *const words[] = {"true", "false", "null", "yes", "no",
					    "on",   "off",   "y",    "n",   "~"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(words[i], text) == 0)
			return false;
	return *text && strchr(first, *text) && !text[strspn(text, rest)];
}

/* In double quotes; one of several lines has each of them on a line of its own: "\\" before a
 * line's end joins it with the next, and before a space keeps that from being indent. */
static void add_quoted(struct buf *b, const char *text, unsigned int depth)
{
	const char *newline = strchr(text, '\n');

	if (!newline || !newline[1]) {
		butane_text_quote(b, text);
		buf_addc(b, '\n');
		return;
	}
	buf_addc(b, '"');
	while (*text) {
		size_t len = strcspn(text, "\n");
		_cleanup_(freep) char *line = xstrndup(text, len + (text[len] == '\n'));
		struct buf quoted;

		buf_init(&quoted, SIZE_MAX / 2);
		butane_text_quote(&quoted, line);
		buf_adds(b, "\\\n");
		add_indent(b, depth);
		buf_adds(b, line[0] == ' ' ? "\\" : "");
		buf_add(b, quoted.data + 1, quoted.len - 2);
		buf_release(&quoted);
		text += strlen(line);
	}
	buf_adds(b, "\"\n");
}

static void add_string(struct buf *b, const char *text, unsigned int depth)
{
	_cleanup_(freep) char *filled = NULL;

	if (fits_plain(text)) {
		buf_adds(b, text);
		buf_addc(b, '\n');
	} else if (fits_block(text)) {
		add_block(b, text, depth);
	} else {
		filled = butane_text_references(text);
		add_quoted(b, filled, depth);
	}
}

static void add_scalar(struct buf *b, const char *key, const json_t *j, unsigned int depth)
{
	if (json_is_string(j))
		add_string(b, json_string_value(j), depth);
	else if (json_is_boolean(j))
		buf_adds(b, json_is_true(j) ? "true\n" : "false\n");
	else if (key && streq(key, "mode") && json_integer_value(j) >= 0)
		buf_addf(b, "0%03llo\n", (unsigned long long)json_integer_value(j));
	else
		buf_addf(b, "%lld\n", (long long)json_integer_value(j));
}

static void add_members(struct buf *b, const json_t *map, unsigned int depth, bool in_list);

static void add_list(struct buf *b, const json_t *list, unsigned int depth)
{
	json_t *element;
	size_t i;

	json_array_foreach ((json_t *)list, i, element) {
		add_indent(b, depth);
		buf_adds(b, "- ");
		if (json_is_object(element))
			add_members(b, element, depth + 1, true);
		else
			add_scalar(b, NULL, element, depth + 1);
	}
}

/* in_list: the first member stands behind the "- " that is there already. */
static void add_members(struct buf *b, const json_t *map, unsigned int depth, bool in_list)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)map, key, value) {
		if (!in_list)
			add_indent(b, depth);
		in_list = false;
		buf_adds(b, key);
		buf_addc(b, ':');
		if (json_is_object(value)) {
			buf_addc(b, '\n');
			add_members(b, value, depth + 1, false);
		} else if (json_is_array(value)) {
			buf_addc(b, '\n');
			add_list(b, value, depth + 1);
		} else {
			buf_addc(b, ' ');
			add_scalar(b, key, value, depth + 1);
		}
	}
}

void butane_text_add(struct buf *b, const json_t *config)
{
	add_members(b, config, 0, false);
}

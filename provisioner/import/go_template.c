/* SPDX-License-Identifier: Apache-2.0 */
#include "import/go_template.h"

#include "limits.h"
#include "parse.h"

#include <string.h>

/* {{range}} in {{range}} in ...: a template of people has two or three. */
#define MAX_DEPTH 16

/* From here on, and below a ten-thousandth, Go prints a float64 with an exponent. */
#define GO_EXPONENT 1e6

enum action_kind { ACTION_PRINT, ACTION_IF, ACTION_RANGE, ACTION_ELSE, ACTION_END, ACTION_COMMENT };

/* A piece of the text: what stands before an action, and the action's own words. */
struct piece {
	const char *text; /* before the action, already trimmed */
	size_t len;
	bool has_action;
	enum action_kind kind;
	const char *words; /* the action without braces, keyword and space */
	size_t words_len;
	const char *open; /* the action's braces */
	unsigned int line;
};

struct scope {
	const struct go_template *t;
	const char *text;
	struct piece *pieces;
	size_t n;
	const json_t *dot;
	const char *names[MAX_DEPTH]; /* of "$x", without "$" */
	size_t name_lens[MAX_DEPTH];
	const json_t *variables[MAX_DEPTH];
	size_t n_variables;
	unsigned int depth;
	size_t turns; /* of all loops together */
	struct buf *out;
	unsigned int line, column;
	struct err *err;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* The place of a byte in its line, from 1. */
static unsigned int column_of(const char *text, const char *at)
{
	const char *begin = at;

	while (begin > text && begin[-1] != '\n')
		begin--;
	return (unsigned int)(at - begin) + 1;
}

static int refuse(struct scope *s, const struct piece *p, const char *why)
{
	const size_t len = p->words_len < LIMIT_NAME ? p->words_len : LIMIT_NAME;
	_cleanup_(freep) char *shown = printable_text(p->words, len);

	s->line = p->line;
	s->column = column_of(s->text, p->open);
	return err_set(s->err, ERR_CONFIG, "the action {{%s}} %s", shown, why);
}

/* Takes a keyword off the words; false when they do not begin with it. */
static bool take_keyword(struct piece *p, const char *word)
{
	size_t len = strlen(word);

	if (p->words_len < len || memcmp(p->words, word, len) != 0 ||
	    (p->words_len > len && is_word_char(p->words[len])))
		return false;
	p->words += len;
	p->words_len -= len;
	while (p->words_len && is_space(*p->words))
		p->words++, p->words_len--;
	return true;
}

static void read_kind(struct piece *p)
{
	static const struct {
		const char *word;
		enum action_kind kind;
	} keywords[] = {{"if", ACTION_IF},
			{"range", ACTION_RANGE},
			{"else", ACTION_ELSE},
			{"end", ACTION_END}};

	p->kind = ACTION_PRINT;
	if (p->words_len >= 2 && startswith(p->words, "/*")) {
		p->kind = ACTION_COMMENT;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (take_keyword(p, keywords[i].word)) {
			p->kind = keywords[i].kind;
			return;
		}
}

/* The pieces of the text. */
static int cut(struct scope *s, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	unsigned int line = 1;
	bool trim = false;

	for (;;) {
		struct piece *p = ARRAY_APPEND(s->pieces, s->n);
		const char *open = memmem(at, (size_t)(end - at), "{{", 2), *close;
		const char *stop = open ? open : end;

		while (trim && at < stop && is_space(*at))
			line += *at++ == '\n';
		p->text = at;
		p->len = (size_t)(stop - at);
		for (const char *c = at; c < stop; c++)
			line += *c == '\n';
		p->line = line;
		p->open = stop;
		if (!open)
			return 0;
		close = memmem(open + 2, (size_t)(end - open - 2), "}}", 2);
		p->has_action = true;
		p->words = open + 2;
		p->words_len = close ? (size_t)(close - p->words) : 0;
		if (!close)
			return refuse(s, p, "has no end");
		for (const char *c = open; c < close; c++)
			line += *c == '\n';
		if (p->words_len >= 2 && p->words[0] == '-' && is_space(p->words[1])) {
			while (p->len && is_space(p->text[p->len - 1]))
				p->len--;
			p->words++, p->words_len--;
		}
		trim = p->words_len >= 2 && p->words[p->words_len - 1] == '-' &&
		       is_space(p->words[p->words_len - 2]);
		p->words_len -= trim;
		while (p->words_len && is_space(*p->words))
			p->words++, p->words_len--;
		while (p->words_len && is_space(p->words[p->words_len - 1]))
			p->words_len--;
		read_kind(p);
		at = close + 2;
	}
}

static const json_t *variable(const struct scope *s, const char *name, size_t len)
{
	for (size_t i = s->n_variables; i-- > 0;)
		if (s->name_lens[i] == len && memcmp(s->names[i], name, len) == 0)
			return s->variables[i];
	return NULL;
}

/* ".", ".a.b", "$x", "$x.b", "$.a": the value, *ret NULL when a member is absent. False when the
 * words are no such path. */
static bool look_up(const struct scope *s, const char *words, size_t len, const json_t **ret)
{
	const json_t *at = s->dot;
	size_t i = 0;

	if (len && words[0] == '$') {
		for (i = 1; i < len && is_word_char(words[i]);)
			i++;
		at = i == 1 ? s->t->values : variable(s, words + 1, i - 1);
		if (!at)
			return false;
	} else if (len == 1 && words[0] == '.') {
		*ret = at;
		return true;
	} else if (!len || words[0] != '.') {
		return false;
	}
	while (i < len) {
		size_t from = ++i;
		_cleanup_(freep) char *key = NULL;

		if (words[from - 1] != '.')
			return false;
		while (i < len && is_word_char(words[i]))
			i++;
		if (i == from || (at && !json_is_object(at)))
			return false;
		key = xstrndup(words + from, i - from);
		at = at ? json_object_get(at, key) : NULL;
	}
	*ret = at;
	return true;
}

/* `index . "a"` beside the paths: the form that asks whether there is such a name. */
static bool condition(const struct scope *s, const struct piece *p, const json_t **ret)
{
	struct piece inner = *p;

	if (!take_keyword(&inner, "index"))
		return look_up(s, p->words, p->words_len, ret);
	if (inner.words_len < 5 || inner.words[0] != '.' || !is_space(inner.words[1]))
		return false;
	inner.words += 2, inner.words_len -= 2;
	while (inner.words_len && is_space(*inner.words))
		inner.words++, inner.words_len--;
	if (inner.words_len < 2 || inner.words[0] != '"' ||
	    inner.words[inner.words_len - 1] != '"' ||
	    memchr(inner.words + 1, '"', inner.words_len - 2) ||
	    memchr(inner.words, '\\', inner.words_len))
		return false;
	{
		_cleanup_(freep) char *key = xstrndup(inner.words + 1, inner.words_len - 2);

		*ret = json_object_get(s->dot, key);
	}
	return true;
}

/* text/template: false, 0, null and what is empty. */
static bool is_true(const json_t *j)
{
	switch (j ? json_typeof(j) : JSON_NULL) {
	case JSON_STRING:
		return json_string_length(j) > 0;
	case JSON_ARRAY:
		return json_array_size(j) > 0;
	case JSON_OBJECT:
		return json_object_size(j) > 0;
	case JSON_INTEGER:
	case JSON_REAL:
		return json_number_value(j) != 0;
	default:
		return json_is_true(j);
	}
}

char *go_number_text(double number)
{
	char *text = NULL;

	if (number >= GO_EXPONENT || number <= -GO_EXPONENT)
		return NULL;
	for (int digits = 6; digits <= 17; digits++) {
		free(text);
		text = xasprintf("%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	if (!strchr(text, 'e'))
		return text;
	free(text);
	return NULL;
}

static int print(struct scope *s, const struct piece *p)
{
	const json_t *value = NULL, *reference;
	_cleanup_(freep) char *name = xstrndup(p->words, p->words_len), *number = NULL;

	if (!look_up(s, p->words, p->words_len, &value))
		return refuse(s, p, "is no plain reference to metadata; write it by hand");
	if (!value)
		return refuse(s, p, "names what the group's metadata and selector do not have");
	reference = json_object_get(s->t->references, name + 1);
	if (reference && s->dot == s->t->values && name[0] == '.') {
		buf_addf(s->out, GO_MARK_BEGIN "%s" GO_MARK_END, json_string_value(reference));
		return 0;
	}
	if (json_is_string(value))
		buf_add(s->out, json_string_value(value), json_string_length(value));
	else if (json_is_boolean(value))
		buf_adds(s->out, json_is_true(value) ? "true" : "false");
	else if (json_is_number(value) && (number = go_number_text(json_number_value(value))))
		buf_adds(s->out, number);
	else /* Go prints lists as [a b], and larger numbers as 1e+06 */
		return refuse(s, p,
			      "is a list, a map, or a number that Go does not print as it is "
			      "written; write it by hand");
	return 0;
}

static int run(struct scope *s, size_t *at, bool live, enum action_kind *ret_stop);

/* The two halves of {{if}}, or of {{range}} over nothing; *at is behind the {{end}} afterwards. */
static int branches(struct scope *s, size_t *at, bool live, bool first)
{
	const struct piece *opened = &s->pieces[*at - 1];
	enum action_kind stop;

	if (run(s, at, live && first, &stop) < 0)
		return -1;
	if (stop == ACTION_ELSE) {
		if (s->pieces[*at - 1].words_len)
			return refuse(s, &s->pieces[*at - 1], "is more than {{else}}");
		if (run(s, at, live && !first, &stop) < 0)
			return -1;
	}
	if (stop != ACTION_END)
		return refuse(s, opened, "has no {{end}}");
	return 0;
}

/* "$x := PATH" or PATH; the name's place and length, 0 for none. */
static void loop_variable(struct piece *p, const char **ret, size_t *ret_len)
{
	const char *equals = memmem(p->words, p->words_len, ":=", 2);
	const char *c = p->words + 1;

	*ret = NULL;
	*ret_len = 0;
	if (!equals || p->words[0] != '$')
		return;
	while (c < equals && is_word_char(*c))
		c++;
	*ret = p->words + 1;
	*ret_len = (size_t)(c - p->words - 1);
	while (c < equals && is_space(*c))
		c++;
	if (c != equals) { /* "$i, $x := ..." stays as it is and is refused */
		*ret_len = 0;
		return;
	}
	p->words_len -= (size_t)(equals + 2 - p->words);
	p->words = equals + 2;
	while (p->words_len && is_space(*p->words))
		p->words++, p->words_len--;
}

static int loop(struct scope *s, size_t *at, bool live)
{
	struct piece p = s->pieces[*at - 1];
	const json_t *list = NULL, *dot = s->dot;
	const size_t begin = *at;
	size_t name_len = 0;
	const char *name = NULL;

	if (!live)
		return branches(s, at, false, false);
	loop_variable(&p, &name, &name_len);
	if (!look_up(s, p.words, p.words_len, &list))
		return refuse(s, &p, "is no plain reference to metadata; write it by hand");
	if (list && !json_is_array(list))
		return refuse(s, &p, "goes over what is no list; write it by hand");
	if (!json_array_size(list))
		return branches(s, at, true, false);
	for (size_t i = 0; i < json_array_size(list); i++) {
		*at = begin;
		s->dot = json_array_get(list, i);
		if (name_len) {
			s->names[s->n_variables] = name;
			s->name_lens[s->n_variables] = name_len;
			s->variables[s->n_variables++] = s->dot;
		}
		if (branches(s, at, true, true) < 0)
			return -1;
		s->n_variables -= name_len > 0;
		s->dot = dot;
		if (s->out->overflow || ++s->turns > LIMIT_YAML_NODES)
			return refuse(s, &p, "makes too long a text");
	}
	return 0;
}

/* Runs pieces up to the {{else}} or {{end}} that ends this block, or to the end of the text. */
static int run(struct scope *s, size_t *at, bool live, enum action_kind *ret_stop)
{
	if (++s->depth > MAX_DEPTH)
		return refuse(s, &s->pieces[*at - 1], "is nested too deep");
	while (*at < s->n) {
		const struct piece *p = &s->pieces[(*at)++];
		const json_t *value = NULL;
		int r = 0;

		if (live)
			buf_add(s->out, p->text, p->len);
		if (!p->has_action)
			break;
		if (p->kind == ACTION_ELSE || p->kind == ACTION_END) {
			*ret_stop = p->kind;
			s->depth--;
			return 0;
		}
		if (p->kind == ACTION_IF) {
			if (live && !condition(s, p, &value))
				return refuse(s, p, "is no plain question; write it by hand");
			r = branches(s, at, live, is_true(value));
		} else if (p->kind == ACTION_RANGE) {
			r = loop(s, at, live);
		} else if (p->kind == ACTION_PRINT && live) {
			r = print(s, p);
		}
		if (r < 0)
			return -1;
	}
	*ret_stop = ACTION_COMMENT;
	s->depth--;
	return 0;
}

int go_template_fill(const struct go_template *t, const char *text, size_t len, struct buf *out,
		     unsigned int *ret_line, unsigned int *ret_column, struct err *err)
{
	struct scope s = {.t = t,
			  .text = text,
			  .dot = t->values,
			  .out = out,
			  .line = 1,
			  .column = 1,
			  .err = err};
	enum action_kind stop = ACTION_COMMENT;
	size_t at = 0;
	int r;

	if (memmem(text, len, GO_MARK_BEGIN, strlen(GO_MARK_BEGIN)) ||
	    memmem(text, len, GO_MARK_END, strlen(GO_MARK_END))) {
		*ret_line = *ret_column = 1;
		return err_set(err, ERR_CONFIG, "the text holds a noncharacter of Unicode");
	}
	r = cut(&s, text, len);
	if (r == 0)
		r = run(&s, &at, true, &stop);
	if (r == 0 && stop != ACTION_COMMENT)
		r = refuse(&s, &s.pieces[at - 1], "stands alone");
	if (r == 0 && out->overflow)
		r = err_set(err, ERR_CONFIG, "the filled-in text is longer than %zu bytes",
			    out->max);
	free(s.pieces);
	if (r < 0) {
		*ret_line = s.line;
		*ret_column = s.column;
	}
	return r;
}

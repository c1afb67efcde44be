/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/colour.h"

#include <time.h>
#include <unistd.h>

#include "parse.h"

bool colour_wanted(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && !streq(term, "dumb") && !getenv("NO_COLOR");
}

const char *colour_of(const char *state, bool wanted)
{
	static const struct {
		const char *state, *sequence;
	} colours[] = {
		{"ready", "\033[32m"},   {"done", "\033[32m"},     {"installing", "\033[36m"},
		{"started", "\033[36m"}, {"progress", "\033[36m"}, {"waiting", "\033[33m"},
		{"open", "\033[33m"},    {"failed", "\033[31m"},   {"expired", "\033[31m"},
	};

	if (!wanted)
		return "";
	for (size_t i = 0; state && i < ARRAY_SIZE(colours); i++)
		if (streq(colours[i].state, state))
			return colours[i].sequence;
	return "\033[0m";
}

char *since_text(int64_t then_ms, int64_t now_ms)
{
	if (!then_ms)
		return xstrdup("-");
	return format_duration(now_ms > then_ms ? (uint64_t)(now_ms - then_ms) / 1000 : 0);
}

char *time_text(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return xstrdup(text);
}

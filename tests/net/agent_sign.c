/* SPDX-License-Identifier: Apache-2.0 */
/* usage: agent_sign KEYFILE METHOD PATH [SECONDS] <BODY: the agent's signature of a request as
 * header lines, for curl -H @-. The key is made when there is none; SECONDS moves its clock. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "identity.h"

static int run(char **argv, int argc, struct err *err)
{
	const long off = argc > 4 ? strtol(argv[4], NULL, 10) : 0;
	_cleanup_(identity_freep) struct identity *id = NULL;
	_cleanup_(strv_release) struct strv headers = {0};
	_cleanup_(buf_release) struct buf body;
	char chunk[4096];
	ssize_t n;

	buf_init(&body, 16 * 1024 * 1024);
	if (identity_load(AT_FDCWD, argv[1], &id, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_release(err);
		id = identity_new();
		if (identity_save(id, AT_FDCWD, argv[1], err) < 0)
			return -1;
	}
	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		buf_add(&body, chunk, (size_t)n);
	identity_sign(id, argv[2], argv[3], ((int64_t)time(NULL) + off) * 1000,
		      body.data ? body.data : "", body.len, &headers);
	for (size_t i = 0; i < headers.n; i++)
		puts(headers.v[i]);
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: agent_sign KEYFILE METHOD PATH [SECONDS] <BODY\n");
		return 2;
	}
	if (run(argv, argc, &err) < 0) {
		fprintf(stderr, "agent_sign: %s\n", err_text(&err));
		return 1;
	}
	return 0;
}

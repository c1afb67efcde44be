/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives every file of a harness's corpus to it once, where the fuzzer itself is not built: the
 * main program of tests/fuzz/fuzz_NAME, with tests/fuzz/corpus/NAME, or the files that are named.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base.h"

#define INPUT_MAX (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(int dir, const char *name)
{
	_cleanup_(closep) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) uint8_t *data = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > INPUT_MAX) {
		fprintf(stderr, "%s: %s\n", name, strerror(fd < 0 ? errno : EFBIG));
		return -1;
	}
	/* exactly as long as the input, so that the sanitizers see a read past it */
	data = xmalloc(st.st_size ? (size_t)st.st_size : 1);
	if (read(fd, data, (size_t)st.st_size) != st.st_size)
		return -1;
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	return 0;
}

static int replay_corpus(const char *harness)
{
	const char *srcdir = getenv("srcdir");
	_cleanup_(freep) char *path =
		xasprintf("%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", harness);
	DIR *dir = opendir(path);
	size_t n = 0;
	int r = 0;

	for (const struct dirent *e; dir && (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		if (replay(dirfd(dir), e->d_name) < 0)
			r = -1;
		n++;
	}
	if (dir)
		closedir(dir);
	printf("%s: %zu inputs\n", path, n);
	return n > 0 ? r : -1;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	int r = 0;

	if (startswith(name, "lt-"))
		name += strlen("lt-");
	if (startswith(name, "fuzz_"))
		name += strlen("fuzz_");
	if (argc == 1)
		return replay_corpus(name) < 0;
	for (int i = 1; i < argc; i++)
		if (replay(AT_FDCWD, argv[i]) < 0)
			r = 1;
	return r;
}

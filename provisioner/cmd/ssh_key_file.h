/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys as people have them: in files. */
#ifndef PROVISION_SSH_KEY_FILE_H
#define PROVISION_SSH_KEY_FILE_H

#include "err.h"
#include "base.h"

/* Adds every line of a .pub file or of authorized_keys(5) that is a key to keys, each once.
 * ERR_USAGE when none is. */
int ssh_key_file_read(const char *path, struct strv *keys, struct err *err) _must_check_ _nonnull_;
/* Adds what --ssh-key says: a key's text, or the name of such a file. */
int ssh_key_word_add(const char *word, struct strv *keys, struct err *err) _must_check_ _nonnull_;

#endif

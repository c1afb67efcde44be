/* SPDX-License-Identifier: Apache-2.0 */
/* Which of Butane's keys a template of ours takes over from somebody else's config, and why not. */
#ifndef PROVISION_IMPORT_FIELDS_H
#define PROVISION_IMPORT_FIELDS_H

#include "base.h"

enum import_kind {
	IMPORT_VALUE,    /* a text, number or bool, or a list of them */
	IMPORT_MAP,      /* has members */
	IMPORT_LIST,     /* of maps with these members */
	IMPORT_CONTENTS, /* a resource: Ignition has one `source`, Butane also inline and local */
	IMPORT_MODE,     /* a number that people write in octal */
	IMPORT_DROPPED,  /* says nothing here: versions */
	IMPORT_REFUSED,  /* cannot be carried over; why is said */
	IMPORT_SPOILS    /* neither can the file, unit, ... that it is said of */
};

struct import_field {
	const char *key; /* Butane's; NULL ends the members */
	enum import_kind kind;
	const struct import_field *members;
	const char *why; /* of a refused one, or one that spoils */
};

/* Members of the document itself. */
extern const struct import_field import_document[];

/* NULL when there is no such key. */
const struct import_field *import_field_find(const struct import_field *members,
					     const char *key) _nonnull_;
/* Butane's spelling of a key of Ignition's JSON: "sshAuthorizedKeys" is "ssh_authorized_keys".
 * Caller frees. */
char *import_key(const char *ignition_key) _nonnull_;

#endif

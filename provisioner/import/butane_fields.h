/* SPDX-License-Identifier: Apache-2.0 */
/* Which of Butane's keys a template of ours takes over from somebody else's config, and why not. */
#ifndef PROVISION_BUTANE_FIELDS_H
#define PROVISION_BUTANE_FIELDS_H

#include "base.h"

enum butane_kind {
	BUTANE_VALUE,    /* a text, number or bool, or a list of them */
	BUTANE_MAP,      /* has members */
	BUTANE_LIST,     /* of maps with these members */
	BUTANE_CONTENTS, /* a resource: Ignition has one `source`, Butane also inline and local */
	BUTANE_MODE,     /* a number that people write in octal */
	BUTANE_DROPPED,  /* says nothing here: versions */
	BUTANE_REFUSED   /* cannot be carried over; why is said */
};

struct butane_field {
	const char *key; /* Butane's; NULL ends the members */
	enum butane_kind kind;
	const struct butane_field *members;
	const char *why; /* of a refused one */
};

/* Members of the document itself. */
extern const struct butane_field butane_document[];

/* NULL when there is no such key. */
const struct butane_field *butane_field_find(const struct butane_field *members,
					     const char *key) _nonnull_;
/* Butane's spelling of a key of Ignition's JSON: "sshAuthorizedKeys" is "ssh_authorized_keys".
 * Caller frees. */
char *butane_key(const char *ignition_key) _nonnull_;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ignition's spec 3.0 to 3.4 as a table: every field, its type, the version it came with, what
 * makes the elements of a list unique, and what `node-agent apply` does with it. The check of
 * configs, the merge of them and the table in README.md all read it.
 */
#ifndef PROVISION_IGNITION_SCHEMA_H
#define PROVISION_IGNITION_SCHEMA_H

#include "ignition_rules.h"
#include "ignition_value.h"

/* The newest version that is read, and the one of a merged config. */
#define IGN_VERSION       "3.4.0"
#define IGN_VERSION_MINOR 4

enum ign_type {
	IGN_BOOL,
	IGN_INT, /* 0 to max */
	IGN_STRING,
	IGN_OBJECT,
	IGN_STRINGS, /* a list */
	IGN_OBJECTS, /* a list */
	IGN_TYPE_MAX
};

struct ign_object;

struct ign_field {
	const char *name;
	enum ign_type type;
	unsigned int since; /* 3.since.0 */
	bool required;
	/* A list whose elements may come twice, and are appended in a merge. */
	bool append;
	/* Lists of one object in the same group have unique elements across them; NULL: alone. */
	const char *group;
	/* The ceiling of an IGN_INT, and the one before spec 3.4 (0: the same). */
	json_int_t max, old_max;
	const struct ign_object *object; /* of IGN_OBJECT and IGN_OBJECTS */
	ign_value_check *check;          /* of the value, or of each string of a list; or NULL */
	const char *stage;               /* of `apply`, with all that is below; NULL: as above it */
	const char *note;                /* what the README adds; NULL: nothing */
	const char *refused;             /* why `apply` does not do it; NULL: it does */
};

struct ign_object {
	const struct ign_field *fields;
	size_t n;
	/* The field by which a list knows its elements; where it is 0 or absent, key2. */
	const char *key, *key2;
	ign_object_check *check; /* of the whole object, after its fields; or NULL */
};

/* The whole config. */
extern const struct ign_object ign_schema;

/* The field of that name, or NULL. */
const struct ign_field *ign_schema_field(const struct ign_object *object,
					 const char *name) _nonnull_;
/* What makes this element of the list unique, "" when it has nothing. Caller frees. */
char *ign_schema_key(const struct ign_field *list, const json_t *element) _nonnull_;
/* All fields as a table in Markdown, for README.md. Caller frees. */
char *ign_schema_markdown(void);

/* ignition_check.c. Holds a whole config of version 3.0.0 to 3.4.0 against the table and the rules.
 * The first thing that is off is told with its JSON path ("$.storage.files[0].mode: ..."),
 * ERR_CONFIG. null is as good as absent. After it the types of all fields may be taken for granted.
 */
int ignition_check(const json_t *config, struct err *err) _must_check_ _nonnull_;

#endif

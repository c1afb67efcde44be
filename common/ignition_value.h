/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of single values of an Ignition config (spec 3.0 to 3.4): paths, URLs, digests, names.
 * Each function is given a value of the right JSON type and its JSON path, which stands before the
 * error; all errors are ERR_CONFIG. Pure.
 */
#ifndef PROVISION_IGNITION_VALUE_H
#define PROVISION_IGNITION_VALUE_H

#include "jsonx.h"

typedef int ign_value_check(const json_t *value, const char *path, struct err *err);

/* Absolute and clean: no "//", ".", ".." and no "/" at the end. */
ign_value_check ign_check_path;
/* The same, and not "/". */
ign_value_check ign_check_node_path;
/* A path, or "". */
ign_value_check ign_check_path_or_empty;
/* "", or what a resource may come from: http, https, data (its text is decoded). Other schemes of
 * the spec are refused with the reason. */
ign_value_check ign_check_source;
/* http and https, with a host. */
ign_value_check ign_check_url;
/* sha256-<hex>, sha512-<hex>. */
ign_value_check ign_check_hash;
/* A token of RFC 9110 section 5.6.2; a value without control characters, not empty. */
ign_value_check ign_check_header_name;
ign_value_check ign_check_header_value;
/* A GUID in its usual form, or "". */
ign_value_check ign_check_guid;
/* A GPT partition's name: at most 36 bytes, no colon (sgdisk ends it there). */
ign_value_check ign_check_partition_label;
ign_value_check ign_check_raid_level;
ign_value_check ign_check_raid_name;
/* No slash, not empty. */
ign_value_check ign_check_luks_name;
/* At most 47 bytes (LUKS2). */
ign_value_check ign_check_luks_label;
ign_value_check ign_check_filesystem_format;
ign_value_check ign_check_clevis_pin;
/* JSON in a string. */
ign_value_check ign_check_json_text;
/* A unit's file name with one of systemd's suffixes; a drop-in's, *.conf. */
ign_value_check ign_check_unit_name;
ign_value_check ign_check_dropin_name;
/* Sections and assignments as systemd reads them. */
ign_value_check ign_check_unit_text;
/* A name that useradd(8) takes and no argument of it can be mistaken for an option. */
ign_value_check ign_check_account;
/* A field of passwd(5): no colon, no control character. */
ign_value_check ign_check_passwd_field;
/* The same, and an absolute path or "". */
ign_value_check ign_check_passwd_path;
/* Not empty, one line. */
ign_value_check ign_check_line;
/* "" or gzip. */
ign_value_check ign_check_compression;

#endif

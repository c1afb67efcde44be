/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of Ignition's spec between the fields of one object, and between the objects of a
 * config. Each value has its type and its own form already (ignition_value.h). The path stands
 * before the error, which is ERR_CONFIG. Pure.
 */
#ifndef PROVISION_IGNITION_RULES_H
#define PROVISION_IGNITION_RULES_H

#include "jsonx.h"

typedef int ign_object_check(const json_t *object, const char *path, struct err *err);

/* verification needs a source; httpHeaders need one of http or https. */
ign_object_check ign_rule_resource;
/* The same, and the source has to be there: configs and certificate authorities. */
ign_object_check ign_rule_required_resource;
/* Partition numbers are unique, labels too, and what has a start and a size does not overlap. */
ign_object_check ign_rule_disk;
/* A number or a label; shouldExist false takes a number and nothing else. */
ign_object_check ign_rule_partition;
ign_object_check ign_rule_raid;
ign_object_check ign_rule_luks;
ign_object_check ign_rule_clevis_custom;
ign_object_check ign_rule_tang;
/* A format where there is anything to make or mount; labels as long as the format takes. */
ign_object_check ign_rule_filesystem;
/* overwrite needs contents. */
ign_object_check ign_rule_file;
/* A target. */
ign_object_check ign_rule_link;
/* An id or a name, not both. */
ign_object_check ign_rule_owner;
/* Nothing lies below a file or a link of the same config, no hard link leads to a directory of it,
 * no two file systems have one mount point. */
ign_object_check ign_rule_storage;
/* No node has the path of a unit or drop-in with contents. */
ign_object_check ign_rule_config;

#endif

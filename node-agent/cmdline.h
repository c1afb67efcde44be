/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the install script tells the agent on the kernel's command line: where the provisioner is,
 * which CA it has, what time it is. Words that are not ours are the kernel's and are skipped.
 */
#ifndef PROVISION_CMDLINE_H
#define PROVISION_CMDLINE_H

#include "mac.h"
#include "sha256.h"

/* The kernel's own ceiling is 2048 to 4096 bytes by architecture (COMMAND_LINE_SIZE). */
#define LIMIT_CMDLINE 8192

struct cmdline {
	char *url;           /* provision.url: https URL, no slash at the end */
	char *http;          /* provision.http: the plain one, for the CA and the assets */
	char *nonce;         /* provision.nonce, or NULL */
	struct sha256 ca;    /* provision.ca: sha256 of the CA certificate's DER */
	int64_t time;        /* provision.time: Unix time in seconds; 0: not told */
	struct mac mac;      /* provision.mac: the card that booted, as iPXE named it */
	struct mac boot_mac; /* BOOTIF=01-..., else mac */
	bool has_mac, has_boot_mac;
};

/* Splits at white space. provision.url, provision.http and provision.ca are required; a word of
 * ours that is unknown, twice there or malformed is ERR_CONFIG naming the word. Release
 * *ret_cmdline with cmdline_release. */
int cmdline_parse(const char *text, size_t len, struct cmdline *ret_cmdline,
		  struct err *err) _must_check_ _nonnull_;
void cmdline_release(struct cmdline *c) _nonnull_;

#endif

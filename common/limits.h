/* SPDX-License-Identifier: Apache-2.0 */
/* Every number that bounds something, with its reason. */
#ifndef PROVISION_LIMITS_H
#define PROVISION_LIMITS_H

/* RFC 1035 section 2.3.4: a label has at most 63 octets; node names are one label. */
#define LIMIT_NAME 63
/* A rack of racks; all nodes are held in memory. */
#define LIMIT_NODES 20000
/* Names below `metadata` of one node record, and the bytes of such a name and of a serial number:
 * SMBIOS texts are short, and what is longer belongs into a file. */
#define LIMIT_METADATA      256
#define LIMIT_METADATA_NAME 63
#define LIMIT_SERIAL        64
/* Network cards of one node record. */
#define LIMIT_MACS 16
/* Disks of one machine: a large storage shelf. Also bounds the claim's report. */
#define LIMIT_DISKS 128
/* Disks that one sentence lists; the others are counted. With their descriptions they stay below
 * LIMIT_MESSAGE. */
#define LIMIT_DISKS_TOLD 8
/* File systems and partitions reported for one disk; GPT's own default is 128. */
#define LIMIT_SIGNATURES 160
/* Pools of one machine, and subvolumes of one pool. */
#define LIMIT_POOLS 64
/* The partition of a pool's member: mkfs.btrfs(8) wants 109 MiB of each, and an empty pool some
 * room. The disk around it also has a table and its alignment. */
#define LIMIT_POOL_MEMBER (256u * 1024 * 1024)
#define LIMIT_DATA_DISK   (LIMIT_POOL_MEMBER + 3u * 1024 * 1024)
/* A disk of the system pool: ESP, image, Kubernetes and its containers. */
#define LIMIT_SYSTEM_DISK 4000000000u
/* One YAML file. A node record has a few hundred bytes; inlined files lie elsewhere. */
#define LIMIT_YAML_BYTES (1024 * 1024)
/* Nested collections; alias expansion is refused altogether. */
#define LIMIT_YAML_DEPTH 32
#define LIMIT_YAML_NODES 100000
/* Templates of the operator and shipped ones; each has a name of its own. */
#define LIMIT_TEMPLATES 4096
/* Files that templates inline: one, which goes into a plan in base64; and all of them, which the
 * daemon holds in memory. */
#define LIMIT_LOCAL_FILE  (4 * 1024 * 1024)
#define LIMIT_LOCAL_FILES 4096
#define LIMIT_LOCAL_BYTES (64 * 1024 * 1024)
/* Keys of one map; each new one is compared with those before it. */
#define LIMIT_YAML_KEYS 1024
/* Errors told of one file; more is noise. */
#define LIMIT_FILE_ERRORS 50
/* An Ignition config and all that it merges, each and together. It has to be larger than a data URL
 * that is told of by its place. */
#define LIMIT_IGN_BYTES ((size_t)128 * 1024 * 1024)
/* A data URL's text: a file that lies in a config has some KiB; what is larger has an address. */
#define LIMIT_DATA_URL ((size_t)16 * 1024 * 1024)
/* Configs that one config leads to by merge and replace, and how deep. */
#define LIMIT_IGN_CONFIGS 64
#define LIMIT_IGN_DEPTH   16
/* Entries of one list of an Ignition config; a Kubernetes node has some hundred files. */
#define LIMIT_IGN_ENTRIES 16384
/* One file that a config fetches: a root file system's image. */
#define LIMIT_IGN_FILE ((size_t)8 * 1024 * 1024 * 1024)
/* Certificate authorities of one resource. */
#define LIMIT_IGN_TRUST ((size_t)1024 * 1024)
/* The key of an encrypted volume: cryptsetup's own ceiling of a key file. */
#define LIMIT_IGN_KEY ((size_t)8 * 1024 * 1024)
/* A vfat that is made in memory first: its two tables have 4 bytes per cluster of 32 KiB. */
#define LIMIT_IGN_VFAT_TRIED ((uint64_t)64 * 1024 * 1024 * 1024)
/* Redirects of one fetch, as browsers and Go's client do. */
#define LIMIT_REDIRECTS 10
/* Deflate packs zeros 1030 times, a text hardly 50 times: what comes out of gzip beyond both of
 * these was made to fill a disk. */
#define LIMIT_GZIP_RATIO 200
#define LIMIT_GZIP_FREE  ((size_t)64 * 1024 * 1024)
/* A plan document with its inlined files. */
#define LIMIT_PLAN_BYTES (8 * 1024 * 1024)
/* Files, units, users... of one plan, each. */
#define LIMIT_PLAN_ENTRIES 4096
/* One event, and the events of one request. */
#define LIMIT_EVENT_BYTES     4096
#define LIMIT_EVENTS_PER_POST 256
/* A claim: LIMIT_DISKS disks with their signatures. */
#define LIMIT_CLAIM_BYTES (512 * 1024)
/* Message text of an event or an error as it is stored. */
#define LIMIT_MESSAGE 1024
/* RFC 2131 section 2: 576 is the least that everybody takes; Ethernet's MTU is the most sent. */
#define LIMIT_DHCP_MIN    300
#define LIMIT_DHCP_PACKET 1500
/* Options read of one packet; a client sends about 20. */
#define LIMIT_DHCP_OPTIONS 128
/* Packets that may wait in the socket: all machines of a hall powered on at once. */
#define LIMIT_DHCP_BURST 4096
/* One rendered iPXE script; iPXE itself reads any length. */
#define LIMIT_SCRIPT 65536
/* Request line, headers and body of one HTTP request, and connections at once. */
#define LIMIT_HTTP_HEADER      16384
#define LIMIT_HTTP_CONNECTIONS 2048
#define LIMIT_HTTP_PER_IP      64
#define LIMIT_URL              2048
/* Query arguments that choose a machine; loaders send half a dozen. */
#define LIMIT_QUERY_TERMS 64
/* Bodies that are coming in, all together; nobody has looked at a signature yet. The beginning of
 * each is not counted, for the number of connections bounds it already: what is small, as almost
 * all is, comes through while somebody else holds all there is. */
#define LIMIT_HTTP_UPLOADS     (64 * 1024 * 1024)
#define LIMIT_HTTP_UPLOAD_FREE (16 * 1024)
/* Machines that no record names, kept for `status`; the oldest makes room. */
#define LIMIT_UNKNOWN 256
/* Events a node may append a minute, beyond which it gets 429. */
#define LIMIT_EVENTS_PER_MINUTE 600
/* Events of one installation: a phase that fails and is tried again every minute for two weeks
 * tells some 40,000. They are numbered from 1 without gaps, so their number bounds their count. */
#define LIMIT_EVENTS_PER_PLAN 50000
/* How long after Ready a node may still add what the network held up. */
#define EVENTS_GRACE_S (10 * 60)
/* Notes that requests of anybody may leave about one installation a minute: of waiting, of
 * refusals. A machine that waits asks every 5 s, mostly with the same outcome. */
#define LIMIT_NOTES_PER_MINUTE 10
/* Joins an installation may ask for a minute: an agent asks every few seconds while the cluster
 * does not answer. Each costs calls to the cluster's API server. */
#define LIMIT_JOINS_PER_MINUTE 30
/* Asset digests are per chunk of this many bytes, so that a broken transfer resumes safely. */
#define ASSET_CHUNK (4u * 1024 * 1024)
/* The signed manifest: 1 TiB of assets has 262,144 chunks of 66 JSON bytes. */
#define LIMIT_MANIFEST_BYTES (32 * 1024 * 1024)
/* Codes remembered of the machines that claim one node under --confirm: enough to tell an
 * operator's slip, and what anybody can make the store keep. */
#define LIMIT_CODES 8
/* An open intent is forgotten after this long (DESIGN "Intent"). */
#define INTENT_LIFETIME_S (7 * 24 * 3600)
/* From a script that starts a system in memory to its fetching the config: two downloads and a
 * kernel's start, with some attempts. */
#define BOOT_LIFETIME_S 3600
/* A join token's life (DESIGN "Secrets"). */
#define TOKEN_LIFETIME_S (15 * 60)
/* Output kept of an external program, for its error message. */
#define LIMIT_RUNCMD_OUTPUT (256 * 1024)

#endif

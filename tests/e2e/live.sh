#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A machine whose image runs in memory: it netboots, upstream's Ignition reads the config from
# /ignition, the script in it makes the pool, joins and reports Ready. A disk that the plan does not name is
# untouched.
#
#   live.sh [--power-cut]
#
# With --power-cut its power is cut then; it comes back with the pool adopted and its files in it, as another
# Node object. Each of the two is a result.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

power_cut=
case ${1:-} in
'') ;;
--power-cut) power_cut=1 ;;
*) echo "live.sh: unknown argument $1" >&2; exit 2 ;;
esac
mac=52:54:00:00:00:01

# The operator's own template: a file, a unit and a user, as upstream's Ignition makes them.
own_template() {
	mkdir -p "$PROVISION_CONFIG/templates"
	cat >"$PROVISION_CONFIG/templates/role-worker.yaml" <<-'END'
		passwd:
		  users:
		    - name: keeper
		storage:
		  files:
		    - path: /etc/shelf
		      mode: 0640
		      contents:
		        inline: "third from above\n"
		systemd:
		  units:
		    - name: tell.service
		      enabled: true
		      contents: |
		        [Unit]
		        Description=Tell what the record asked for
		        After=provision.service

		        [Service]
		        Type=oneshot
		        StandardOutput=journal+console
		        ExecStart=/bin/sh -c 'echo TOLD: $(stat -c %%a /etc/shelf) $(cat /etc/shelf), $(id -un keeper) on $(uname -n); cat /srv/tank/diary || echo wrote >/srv/tank/diary; sync; echo SAVED'

		        [Install]
		        WantedBy=multi-user.target
	END
}

begin() {
	lab_begin live
	network_create
	provisioner_for_cluster provisioner_image_in_memory
	own_template
	provision add-node "$mac" --name mem1 --role worker "${machine_node_options[@]}" \
		--pool name=tank,mount=/srv/tank,data=raid1,disk=serial=TANK1,disk=serial=TANK2
	echo 'image: ignition-lab' >>"$PROVISION_CONFIG/nodes/mem1.yaml"
	lab_until 30 provisioner_knows_image
	provision check
	machine_create mem1 --mac "$mac" --firmware bios --memory 4096 \
		--disk virtio-blk:TANK1:2G --disk virtio-blk:TANK2:2G --disk ahci:FAMILY1:1G
	disk_foreign mem1 FAMILY1
	before=$(disk_sum mem1 FAMILY1)
}

provisioner_knows_image() {
	network_exec curl -sf "http://$LAB_ADDRESS:8080/ipxe?mac=$mac" | grep -q ignition.config.url
}

# up WHAT: until Ready, and told by the unit of the record.
up() {
	provisioner_wait mem1 1500 ready || lab_fail "mem1 did not become ready"
	lab_note "mem1 is ready"
	lab_until 60 cluster_ready mem1 || lab_fail "the cluster does not call mem1 Ready"
	machine_wait mem1 120 'TOLD: 640 third from above, keeper on mem1' ||
		lab_fail "file, unit, user or name are not what the record says"
	machine_wait mem1 120 'SAVED' || lab_fail "the unit of the record did not end"
}

foreign_is_whole() {
	[ "$(disk_sum mem1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
	lab_note "the foreign disk is as it was"
}

uuid_of() {
	blkid -p -s UUID -o value "$(machine_disk mem1 "$1")"
}

begin
machine_start mem1
lab_note "mem1 is powered on"
up
provision status
cluster_kubectl get nodes -o wide
node=$(cluster_kubectl get node mem1 -o 'jsonpath={.metadata.uid}')
uuid=$(uuid_of TANK1)
[ -n "$uuid" ] || lab_fail "the pool was not made"
[ "$(uuid_of TANK2)" = "$uuid" ] || lab_fail "the pool was not made on both disks"
foreign_is_whole
echo "ok - in memory: config, pool, join, Ready"
[ -n "$power_cut" ] || exit 0

since=$(provisioner_last_event)
machine_mark mem1
machine_cycle mem1
lab_note "mem1 had its power cut"
lab_until 900 provisioner_has_event_since "$since" mem1 pools "done" || lab_fail "mem1 did not come back to its pool"
up
machine_wait mem1 120 '(^|: )wrote' || lab_fail "what was written into the pool is gone"
[ "$(uuid_of TANK1)" = "$uuid" ] || lab_fail "the pool was made anew"
[ "$(cluster_kubectl get node mem1 -o 'jsonpath={.metadata.uid}')" != "$node" ] || lab_fail "the old Node object is still there"
foreign_is_whole
echo "ok - in memory again: the pool adopted, Ready"

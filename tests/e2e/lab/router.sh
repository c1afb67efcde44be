# SPDX-License-Identifier: Apache-2.0
# The router of the lab's LAN: somebody else's DHCP server (dnsmasq), as a home has one. It gives
# addresses and says nothing about booting.
#
#   router_start     addresses 10.77.0.100 to 10.77.0.199
#   router_log       the file with every request it saw
# shellcheck shell=bash

router_log() {
	echo "$LAB_DIR/keep/router.log"
}

# It runs on an address of its own beside the provisioner, in the lab's namespace, because port 67
# of the provisioner's address belongs to provisiond.
router_start() {
	ROUTER_NETNS=$LAB_NETNS-router
	ip netns add "$ROUTER_NETNS"
	lab_on_exit router_stop
	ip -n "$LAB_NETNS" link add router0 type veth peer name lan0 netns "$ROUTER_NETNS"
	ip -n "$LAB_NETNS" link set router0 master "$LAB_BRIDGE" up
	ip -n "$ROUTER_NETNS" link set lo up
	ip -n "$ROUTER_NETNS" address add 10.77.0.254/24 dev lan0
	ip -n "$ROUTER_NETNS" link set lan0 up
	ip netns exec "$ROUTER_NETNS" dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 \
		--interface=lan0 --dhcp-range=10.77.0.100,10.77.0.199,1h --dhcp-authoritative \
		--dhcp-option=option:router,10.77.0.254 --dhcp-leasefile="$LAB_DIR/router.leases" \
		--pid-file= --user=root --log-dhcp --log-facility="$(router_log)" &
	router_pid=$!
	lab_until 10 grep -q 'DHCP, IP range' "$(router_log)" 2>/dev/null
}

router_stop() {
	kill "$router_pid" 2>/dev/null
	wait "$router_pid" 2>/dev/null
	ip netns delete "$ROUTER_NETNS"
}

# SPDX-License-Identifier: Apache-2.0
# A real network instead of the lab.
#
#   lan_ask IFACE             says what would be done, and asks; fails when the answer is no
#   lan_serve IFACE FLAVOUR   serves it, with the programs that were built
#
# The firewall is never edited; the lines that it needs are printed.
# shellcheck shell=bash

lan_ports='udp/67 udp/69 udp/4011 tcp/8080 tcp/8443'

lan_address() {
	ip -4 -o address show dev "$1" scope global | awk '{ print $4; exit }'
}

# Who holds a port, in ss's own words; nothing when it is free.
lan_holder() {
	local protocol=${1%/*} port=${1#*/}

	ss -H -l -n -p "--$protocol" "sport = :$port" | awk '{ print $4, $NF }'
}

lan_show() {
	local iface=$1 address=$2 port holder missing

	missing=$("$lab_source/host.sh" missing build run | tr '\n?' '  ')
	echo "On this host:"
	echo "  - packages to install from Debian: ${missing:-none}"
	echo "  - the tree is built and installed into $provisioner_prefix; images are kept in $PROVISION_CACHE"
	echo "  - configuration in /etc/provision, state in /var/lib/provision, the system users provision and"
	echo "    provision-tftp for the daemon; nothing else is changed"
	echo
	echo "On $iface ($address):"
	echo "  - ProxyDHCP: machines that netboot learn where to boot; addresses stay with your DHCP server"
	echo "  - TFTP, HTTP and HTTPS for machines that 'provision add-node' names; every other machine is"
	echo "    told its MAC address on its screen and goes to its own disk"
	echo
	echo "Ports:"
	for port in $lan_ports; do
		holder=$(lan_holder "$port")
		if [ -n "$holder" ]; then
			echo "  $port taken by $holder: stop that first"
		else
			echo "  $port free"
		fi
	done
	echo
	echo "If this host has a firewall, it has to let these in (nothing is edited for you):"
	for port in $lan_ports; do
		echo "  nft add rule inet filter input iifname $iface ${port%/*} dport ${port#*/} accept"
	done
	echo "  nft add rule inet filter input iifname $iface udp dport 49152-49251 accept   # TFTP data"
}

lan_ask() {
	local iface=$1 address answer

	command -v ss >/dev/null || lab_fail "there is neither ip nor ss to look at the network: apt install iproute2"
	ip link show dev "$iface" >/dev/null 2>&1 ||
		lab_fail "no interface $iface: there are $(ip -o link | awk -F ': ' '{ printf "%s ", $2 }')"
	address=$(lan_address "$iface")
	[ -n "$address" ] || lab_fail "$iface has no IPv4 address: give it one first"
	lan_show "$iface" "$address"
	read -r -p "Go on? [y/N] " answer
	case $answer in
	y | Y | yes) ;;
	*) echo "nothing was done"; return 1 ;;
	esac
}

lan_serve() {
	local iface=$1 flavour=$2 address

	address=$(lan_address "$iface")
	export PATH=$provisioner_prefix/sbin:$provisioner_prefix/bin:$PATH
	mkdir -p /var/lib/provision
	rm -rf /var/lib/provision/share
	provisioner_share /var/lib/provision/share
	systemd-sysusers "$provisioner_prefix/lib/sysusers.d/provision.conf"
	[ -e /etc/provision/cluster.yaml ] ||
		command provision init --interface "$iface" --address "${address%/*}" --flavour "$flavour"
	command provision assets build
	if [ "$flavour" = k3s ]; then
		command provision assets add k3s
	else
		command provision assets add kubernetes
		command provision assets add flannel
	fi
	cat <<-END

	provisiond runs now, in the foreground. From another terminal:
	  export PATH=$provisioner_prefix/bin:\$PATH PROVISION_DATA=$PROVISION_DATA
	  provision add-node MAC --name pantry --address ${address%.*}.N/${address#*/}
	                                  the first machine becomes the cluster: N is a number that nobody
	                                  has and your DHCP server does not give
	  provision add-node MAC          each further one; then power it on, network boot first
	  provision watch
	Ctrl-C ends it. As a service that starts with this host: README.md, "As a service".
	END
	# init found no key, and the first node would stop at that
	grep -q '^sshKeys:' /etc/provision/cluster.yaml || cat <<-END

	Nobody could log in to a node yet: first write your public key into /etc/provision/cluster.yaml, at sshKeys.
	END
	provisiond -d
}

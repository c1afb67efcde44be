# SPDX-License-Identifier: Apache-2.0
# Machines of the lab: QEMU with real firmware, a network card, disks and a serial console.
#
#   machine_create NAME --mac MAC [option...]
#       --firmware uefi|bios     default uefi: OVMF with its own variables; bios: SeaBIOS
#       --rom none|ipxe          what boots the card. ipxe: the card's iPXE ROM (the only choice
#                                of bios). none: OVMF's own PXE stack (needs a virtio card)
#       --nic MODEL              virtio-net-pci (default), e1000e, rtl8139, vmxnet3, igb, usb-net
#       --disk KIND:SERIAL:SIZE  virtio-blk, nvme, ahci, scsi or usb; may be repeated
#       --memory MIB             default 2048
#       --cpus N                 default 2
#       --rtc DATE               what the hardware clock says at power-on, e.g. 2010-01-01
#       --kernel FILE --initrd FILE --append TEXT   boots these, without any firmware netboot
#   machine_start NAME           power on
#   machine_kill NAME            power cut
#   machine_cycle NAME           power cut, and on again
#   machine_running NAME
#   machine_wait NAME LIMIT REGEX    until a line of the console matches; see machine_mark
#   machine_mark NAME            later machine_wait look only at what comes from now on
#   machine_console NAME         the console file
#   machine_disk NAME SERIAL     the file behind a disk (raw)
#   machine_monitor NAME JSON    one QMP command
#   machine_remove NAME, machine_remove_all
#   machine_choose_accel KERNEL  KVM when it has just booted that kernel, else TCG
#
# About power cuts: machine_kill is SIGKILL of QEMU. A write that the guest's disk driver had
# handed over stays (it is in the host's page cache, cache=writeback), whether or not the guest
# had flushed it; what was only in the guest's own page cache is lost. That is a disk without a
# volatile cache. A disk that also loses or reorders acknowledged writes is not emulated.
#
# State lies in $LAB_DIR/machines/NAME, so that several processes can drive the same machine.
# shellcheck shell=bash

# For the `provision add-node` of an emulated machine. Its processor's clock is right, but the kernel
# holds it against a slower one and takes it for unstable when the host is busy; from then on every
# look at the clock goes to an emulated timer, and the machine crawls.
machine_node_options=(--kernel-argument tsc=nowatchdog)

# Without what makes emulated page walks deeper, and a module for machines in the machine load.
machine_emulated_cpu=max,la57=off,svm=off
# Without fast string instructions: an emulated `rep movsb` goes byte by byte, so that a kernel that prefers
# it copied five times and cleared pages twice as slowly.
machine_emulated_cpu+=,erms=off,fsrm=off
# Without vectors beyond SSE2, and AES, which wants SSSE3 beside it: programs choose their code by what the
# processor has. Emulated, SHA-256 takes four times as long by AVX2 as by plain instructions, and AES-GCM
# three times. Without xsave alone, the kernel's RAID6 takes AVX2 all the same and dies; so does OpenSSL
# with SHA instructions (QEMU 10 has them), which it takes without asking for the SSSE3 that it shuffles with.
machine_emulated_cpu+=,xsave=off,avx=off,avx2=off,fma=off,f16c=off,vaes=off,vpclmulqdq=off
machine_emulated_cpu+=,ssse3=off,sse4.1=off,sse4.2=off,aes=off,pclmulqdq=off,sha-ni=off

machine_ovmf=/usr/share/OVMF
# Where QEMU finds its ROMs: Debian 12's, and Debian 13's.
machine_rom_dirs=(/usr/lib/ipxe/qemu /usr/share/qemu)

machine_dir() {
	echo "$LAB_DIR/machines/$1"
}

machine_console() {
	echo "$LAB_DIR/keep/$1.console"
}

machine_disk() {
	echo "$(machine_dir "$1")/disk-$2.img"
}

# KVM may be there and still not run an unmodified kernel, so it is used only when it has just
# booted one ($1) up to its panic for want of a root file system. The answer is kept for this boot
# of the host. LAB_ACCEL=tcg or kvm decides without a probe.
machine_probe_kvm() {
	local kernel=$1 note answer out

	note=$PROVISION_CACHE/kvm-$(tr -d - </proc/sys/kernel/random/boot_id)
	if [ ! -e "$note" ]; then
		answer=tcg
		if [ -w /dev/kvm ] && [ -r "$kernel" ]; then
			out=$(timeout -s KILL 20 qemu-system-x86_64 -machine q35,accel=kvm -cpu host -m 512 \
				-nodefaults -display none -serial stdio -no-reboot -kernel "$kernel" \
				-append 'console=ttyS0 panic=-1' </dev/null 2>&1) || true
			case $out in
			*'Unable to mount root fs'*) answer=kvm ;;
			esac
		fi
		mkdir -p "$PROVISION_CACHE"
		echo "$answer" >"$note"
	fi
	cat "$note"
}

# Decides for the machines that are started from now on, unless $LAB_ACCEL has decided already.
machine_choose_accel() {
	: "${LAB_ACCEL:=$(machine_probe_kvm "$1")}"
	export LAB_ACCEL
}

# Beside other tests all processors of a machine share one thread: those that wait for one another
# spin away the time that the one they wait for needs. With a thread each, three machines on two
# cores were seen to stand still in the middle of their kernel's start, and with a QEMU before 8.1 to
# die of a breakpoint that they had put into their own code ("Oops: int3").
machine_tcg_thread() {
	[ "${RUNNER_TOGETHER:-1}" -gt 1 ] && echo single || echo multi
}

machine_accel() {
	case ${LAB_ACCEL:-tcg} in
	kvm) echo "-accel kvm -cpu host" ;;
	*) echo "-accel tcg,thread=$(machine_tcg_thread) -cpu $machine_emulated_cpu" ;;
	esac
}

# QEMU loads a card's iPXE ROM (one file with a BIOS and a UEFI image) by itself, and makes its
# PCI ids fit; a ROM that is named in romfile= is not touched, and SeaBIOS then passes it by.
machine_nic_rom() {
	local rom=$1 nic=$2

	if [ "$rom" = none ]; then
		echo ",romfile="
	elif [ -z "$(find "${machine_rom_dirs[@]}" -name "efi-${nic%-net-pci}.rom" 2>/dev/null)" ]; then
		echo "machine.sh: no iPXE ROM for a $nic card: use --kernel, or another --nic" >&2
		return 1
	fi
}

# Appends to the caller's args what makes disks of KIND:SERIAL:SIZE, in files under a directory.
machine_disk_args() {
	local dir=$1 disk kind serial size file index=0 device

	shift
	args+=(-device "virtio-scsi-pci,id=hba" -device "qemu-xhci,id=hub")
	for disk in "$@"; do
		IFS=: read -r kind serial size <<<"$disk"
		index=$((index + 1))
		file=$dir/disk-$serial.img
		case $kind in
		virtio-blk) device=virtio-blk-pci ;;
		nvme) device=nvme ;;
		ahci) device=ide-hd,bus=ide.$((index - 1)) ;;
		scsi) device=scsi-hd,bus=hba.0 ;;
		usb) device=usb-storage,bus=hub.0 ;;
		*)
			echo "machine.sh: unknown disk kind '$kind': virtio-blk, nvme, ahci, scsi, usb" >&2
			return 2
			;;
		esac
		truncate -s "$size" "$file"
		args+=(-drive "if=none,id=disk$index,format=raw,cache=writeback,discard=unmap,file=$file")
		args+=(-device "$device,drive=disk$index,serial=$serial,bootindex=$index")
	done
}

# Firmware, real or virtual, tries the network first and the disks after it, in their order.
machine_create() {
	local name=$1 dir mac='' firmware=uefi rom='' nic=virtio-net-pci memory=2048 cpus=2
	local kernel='' initrd='' append='' rtc='' tap boot=''
	local -a disks=() args=()

	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--mac) mac=$2 ;;
		--firmware) firmware=$2 ;;
		--rom) rom=$2 ;;
		--nic) nic=$2 ;;
		--disk) disks+=("$2") ;;
		--memory) memory=$2 ;;
		--cpus) cpus=$2 ;;
		--rtc) rtc=$2 ;;
		--kernel) kernel=$2 ;;
		--initrd) initrd=$2 ;;
		--append) append=$2 ;;
		*)
			echo "machine.sh: unknown option $1" >&2
			return 2
			;;
		esac
		shift 2
	done
	[ -n "$mac" ] || { echo "machine.sh: machine $name: --mac is missing" >&2; return 2; }
	if [ -z "$rom" ]; then
		rom=none
		[ "$firmware" = uefi ] || rom=ipxe
	fi

	dir=$(machine_dir "$name")
	mkdir -p "$dir" "$LAB_DIR/keep"
	: >"$(machine_console "$name")"
	echo 0 >"$dir/mark"

	# Interface names hold 15 characters: the MAC's last half tells the taps of a lab apart.
	tap=tap${mac//[:-]/}
	tap=tap${tap: -6}
	network_tap "$tap"

	args+=(-name "$name" -machine "q35,graphics=off" -smp "$cpus" -m "$memory")
	args+=(-nodefaults -display none -vga none)
	args+=(-chardev "file,id=console,path=$(machine_console "$name"),append=on")
	args+=(-serial chardev:console)
	args+=(-qmp "unix:$dir/monitor,server=on,wait=off")
	args+=(-device virtio-rng-pci)
	[ -z "$rtc" ] || args+=(-rtc "base=$rtc")
	if [ "$firmware" = uefi ]; then
		cp "$machine_ovmf/OVMF_VARS_4M.fd" "$dir/variables.fd"
		args+=(-drive "if=pflash,format=raw,unit=0,readonly=on,file=$machine_ovmf/OVMF_CODE_4M.fd")
		args+=(-drive "if=pflash,format=raw,unit=1,file=$dir/variables.fd")
		# The firmware setup's "IPv6 network boot: off". On, a machine that was sent to its own disk first
		# looks for servers of PXE and HTTP Boot over IPv6, which this LAN has not.
		args+=(-fw_cfg "name=opt/org.tianocore/IPv6Support,string=no")
	fi

	args+=(-netdev "tap,id=lan,ifname=$tap,script=no,downscript=no")
	if [ "$nic" = usb-net ]; then
		args+=(-device "qemu-xhci,id=usbnic" -device "usb-net,bus=usbnic.0,netdev=lan,mac=$mac")
	else
		# QEMU's igb gives its boot index to its virtual functions too, and then refuses it.
		if [ -z "$kernel" ]; then
			boot=,bootindex=0$(machine_nic_rom "$rom" "$nic") || return 1
		else
			boot=,romfile=
		fi
		args+=(-device "$nic,netdev=lan,mac=$mac$boot")
	fi

	machine_disk_args "$dir" "${disks[@]}" || return
	if [ -n "$kernel" ]; then
		args+=(-kernel "$kernel" -initrd "$initrd" -append "$append")
	fi
	printf '%s\0' "${args[@]}" >"$dir/args"
}

machine_running() {
	local pid

	pid=$(cat "$(machine_dir "$1")/pid" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

machine_start() {
	local name=$1 dir
	local -a args accel

	dir=$(machine_dir "$name")
	mapfile -d '' -t args <"$dir/args"
	read -ra accel <<<"$(machine_accel)"
	rm -f "$dir/monitor"
	ip netns exec "$LAB_NETNS" qemu-system-x86_64 "${accel[@]}" "${args[@]}" \
		</dev/null >>"$LAB_DIR/keep/$name.qemu" 2>&1 &
	# ip execs the program, so the process id is QEMU's own.
	echo $! >"$dir/pid"
	disown $!
	if ! lab_until 20 test -S "$dir/monitor"; then
		cat "$LAB_DIR/keep/$name.qemu" >&2
		return 1
	fi
}

machine_kill() {
	local name=$1 pid

	pid=$(cat "$(machine_dir "$name")/pid" 2>/dev/null) || return 0
	kill -KILL "$pid" 2>/dev/null
	# The disks and the tap are free for the next power-on only once the process is gone.
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.05
	done
	rm -f "$(machine_dir "$name")/pid"
}

machine_cycle() {
	machine_kill "$1"
	machine_start "$1"
}

machine_mark() {
	stat -c %s "$(machine_console "$1")" >"$(machine_dir "$1")/mark"
}

machine_console_matches() {
	tail -c "+$(($(cat "$(machine_dir "$1")/mark") + 1))" "$(machine_console "$1")" |
		tr -d '\r' | grep -aqE "$2"
}

machine_wait() {
	local name=$1 limit=$2 regex=$3

	lab_until "$limit" machine_console_matches "$name" "$regex" || {
		echo "machine $name: no line /$regex/ on its console within $limit s; the last ones were:" >&2
		tr -d '\r' <"$(machine_console "$name")" | sed 's/\x1b\[[0-9;=?]*[A-Za-z]//g' |
			grep -a . | tail -n 15 >&2
		return 1
	}
}

machine_monitor() {
	printf '{"execute":"qmp_capabilities"}\n%s\n' "$2" |
		socat -t 2 - "UNIX-CONNECT:$(machine_dir "$1")/monitor"
}

machine_remove() {
	machine_kill "$1"
	rm -rf "$(machine_dir "$1")"
}

machine_remove_all() {
	local dir

	for dir in "$LAB_DIR"/machines/*/; do
		[ ! -d "$dir" ] || machine_remove "$(basename "$dir")"
	done
}

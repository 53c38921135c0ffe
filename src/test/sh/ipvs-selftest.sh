#!/bin/sh
# What an administrator's test script for the kernel's IPVS does, with JVS in its place: three
# network namespaces made by ip(8), ipvsadm inside the middle one, files sent through the VIP by
# socat. The veths are as ip makes them, with all their offloads on.
#
#   ns0 client, with a bridge          ns1 director                 ns2 realserver
#   br0 10.0.0.2 -- veth01 ---- veth10 10.0.0.1
#        |                      veth12 172.16.0.1 -------- veth21 172.16.0.2
#        +-- veth02 ------------------------------------- veth20 10.0.0.3
#
# Usage: ipvs-selftest.sh [nat|dr|tun]... ; all three unless some are named. Needs root, ip, socat.
# IPVSADM and JVS in the environment name other commands than those of the checkout.
# Exit code: 0 passed, 1 failed, 4 skipped because something is not installed.
# addresses, ports and names of links hold no blanks
# shellcheck disable=SC2086
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
root=$here/../../..
ipvsadm=${IPVSADM:-$root/bin/ipvsadm}
jvs=${JVS:-$root/jvs}
prefix=jvs$$
ns0=$prefix-ns0 ns1=$prefix-ns1 ns2=$prefix-ns2
port=8080
wait_s=20
work=$(mktemp -d) || exit 1
director='' decap=''

for tool in ip socat cmp; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 4; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: needs root"; exit 4; }

in0() { ip netns exec "$ns0" "$@"; }
in1() { ip netns exec "$ns1" "$@"; }
in2() { ip netns exec "$ns2" "$@"; }

fail() {
    echo "FAILED: $*"
    if [ -n "$director" ]; then
        echo "--- ipvsadm -Ln --stats"
        in1 "$ipvsadm" -Ln --stats
        echo "--- jvs status"
        in1 "$jvs" status
        echo "--- the director said"
        cat "$work/director.log"
    fi
    exit 1
}

stop() {
    [ -z "$1" ] && return
    kill "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

tear_down() {
    stop "$director"
    stop "$decap"
    director='' decap=''
    rm -f "$work"/*.log
    for ns in "$ns0" "$ns1" "$ns2"; do
        for pid in $(ip netns pids "$ns" 2>/dev/null); do
            kill "$pid" 2>/dev/null
        done
        ip netns del "$ns" 2>/dev/null
    done
}

trap 'tear_down; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Waits for a line that begins with $1 in file $2, written by process $3.
await_line() {
    i=0
    while ! grep -q "^$1" "$2" 2>/dev/null; do
        kill -0 "$3" 2>/dev/null || return 1
        i=$((i + 1))
        [ $i -gt 600 ] && return 1
        sleep 0.1
    done
}

addresses() {
    if [ "$1" = 4 ]; then
        vip=207.175.44.110 host=32 net=24
        client=10.0.0.2 gate=10.0.0.1 leg=10.0.0.3 gate_inside=172.16.0.1 real=172.16.0.2
        listen=TCP4-LISTEN connect=TCP4
        service=$vip:$port server=$real:$port
    else
        vip=fd00:cf:af::110 host=128 net=64
        client=fd00:a::2 gate=fd00:a::1 leg=fd00:a::3 gate_inside=fd00:b::1 real=fd00:b::2
        listen=TCP6-LISTEN connect=TCP6
        service=[$vip]:$port server=[$real]:$port
    fi
}

# An address that may be used at once: without duplicate address detection.
address() {
    if [ "$family" = 6 ]; then
        ip -n "$1" addr add "$2" dev "$3" nodad
    else
        ip -n "$1" addr add "$2" dev "$3"
    fi
}

# Writes $3 to /proc/sys/net/$2 of namespace $1.
setting() {
    ip netns exec "$1" sh -c "echo $3 >/proc/sys/net/$2"
}

set_up() {
    for ns in "$ns0" "$ns1" "$ns2"; do
        ip netns add "$ns" || fail "ip netns add $ns"
        ip -n "$ns" link set lo up
        for which in all default; do
            setting "$ns" ipv4/conf/$which/rp_filter 0
            setting "$ns" ipv4/conf/$which/send_redirects 0
            setting "$ns" ipv6/conf/$which/accept_dad 0
        done
    done
    ip link add veth01 netns "$ns0" type veth peer name veth10 netns "$ns1" || fail "veth01"
    ip link add veth02 netns "$ns0" type veth peer name veth20 netns "$ns2" || fail "veth02"
    ip link add veth12 netns "$ns1" type veth peer name veth21 netns "$ns2" || fail "veth12"
    ip -n "$ns0" link add br0 type bridge || fail "br0"
    for link in veth01 veth02; do
        ip -n "$ns0" link set $link master br0
        ip -n "$ns0" link set $link up
    done
    ip -n "$ns0" link set br0 up
    ip -n "$ns1" link set veth10 up
    ip -n "$ns1" link set veth12 up
    ip -n "$ns2" link set veth20 up
    ip -n "$ns2" link set veth21 up
    address "$ns0" $client/$net br0
    address "$ns1" $gate/$net veth10
    address "$ns1" $gate_inside/$net veth12
    address "$ns2" $real/$net veth21
    ip -n "$ns0" route add $vip/$host via $gate
    address "$ns1" $vip/$host lo
    setting "$ns1" ipv4/ip_forward 1
    setting "$ns1" ipv6/conf/all/forwarding 1

    in1 "$jvs" director >"$work/director.log" 2>&1 &
    director=$!
    await_line ready "$work/director.log" $director || fail "the director is not ready"
}

# The realserver answers for the VIP, by a leg of its own to the client.
real_server_with_vip() {
    setting "$ns2" ipv4/conf/all/arp_ignore 1
    setting "$ns2" ipv4/conf/all/arp_announce 2
    address "$ns2" $leg/$net veth20
    address "$ns2" $vip/$host lo
}

# Sends file $1 to the VIP, and has it received by the realserver.
upload() {
    rm -f "$work/out"
    in2 timeout $wait_s socat -u $listen:$port,reuseaddr OPEN:"$work/out",creat &
    receiver=$!
    await_listener
    in0 timeout $wait_s socat -u OPEN:"$1" "$connect:$target:$port,connect-timeout=5" ||
        fail "$name: sending $(wc -c <"$1") bytes: socat ended with $?"
    wait $receiver
    cmp "$1" "$work/out" || fail "$name: what arrived is not what was sent"
}

# Has the realserver send file $1 to whoever connects, and receives it through the VIP.
download() {
    rm -f "$work/out"
    in2 timeout $wait_s socat -u OPEN:"$1" $listen:$port,reuseaddr &
    sender=$!
    await_listener
    in0 timeout $wait_s socat -u "$connect:$target:$port,connect-timeout=5" \
        OPEN:"$work/out",creat || fail "$name: receiving: socat ended with $?"
    wait $sender
    cmp "$1" "$work/out" || fail "$name: what arrived is not what was sent"
}

await_listener() {
    i=0
    while ! in2 cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        grep -q ":$(printf %04X $port) [0:]* 0A"; do
        i=$((i + 1))
        [ $i -gt 100 ] && fail "$name: socat does not listen"
        sleep 0.05
    done
}

test_service() {
    name="$1 IPv$family"
    target=$vip
    [ "$family" = 6 ] && target=[$vip]
    upload "$work/small"
    upload "$work/large"
    download "$work/large"
    in1 "$ipvsadm" -Ln | grep -q -F "$server" || fail "$name: ipvsadm does not list the server"
    conns=$(in1 "$ipvsadm" -Ln --stats --exact | awk '$1 == "->" && $3 == 3' | wc -l)
    [ "$conns" = 1 ] || fail "$name: the connections of the server are not 3"
    echo "passed: $name"
}

test_dr() {
    set_up
    real_server_with_vip
    in1 "$ipvsadm" -A -t "$service" -s rr || fail "ipvsadm -A"
    in1 "$ipvsadm" -a -t "$service" -r "$server" || fail "ipvsadm -a"
    test_service dr
    tear_down
}

test_nat() {
    set_up
    ip -n "$ns2" link del veth20
    if [ "$family" = 6 ]; then
        ip -n "$ns2" -6 route add default via $gate_inside
    else
        ip -n "$ns2" route add default via $gate_inside
    fi
    in1 "$ipvsadm" -A -t "$service" -s rr || fail "ipvsadm -A"
    in1 "$ipvsadm" -a -t "$service" -r "$server" -m || fail "ipvsadm -a -m"
    test_service nat
    tear_down
}

# In place of the ipip device, which many kernels lack, decapsulation is done by JVS's helper.
test_tun() {
    set_up
    setting "$ns1" ipv4/ip_forward 0
    real_server_with_vip
    in2 "$jvs" lab-decap >"$work/decap.log" 2>&1 &
    decap=$!
    await_line ready "$work/decap.log" $decap || { cat "$work/decap.log"; fail "lab-decap"; }
    in1 "$ipvsadm" -A -t "$service" -s rr || fail "ipvsadm -A"
    in1 "$ipvsadm" -a -t "$service" -r "$server" -i || fail "ipvsadm -a -i"
    test_service tun
    tear_down
}

head -c 32 /dev/urandom >"$work/small"
head -c 8000000 /dev/urandom >"$work/large"
[ $# = 0 ] && set -- nat dr tun
for method; do
    case $method in
        nat | dr | tun) ;;
        *) fail "'$method' is not nat, dr or tun" ;;
    esac
    for family in 4 6; do
        addresses $family
        test_$method
    done
done
echo "all passed"

# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2016,SC2154,SC2317 # a part of cross.sh
# Runs the program in an emulated IBM Z on a real kernel with the real vfio_ccw,
# and records the sysfs of the real vfio_ap.

kernel_is_made() { in_root 'sh tests/platforms/s390x/kernel.sh'; }
guest_is_made() { in_root 'sh tests/platforms/s390x/guest.sh'; }

# boots CASE: runs the case, and prints its console.
boots() {
    in_root "sh tests/platforms/s390x/boot.sh $1 2>&1 |
            tr -d '\r' >/console.$1
        cat /console.$1
        grep -q '^end 0' /console.$1"
}

# tells CASE: prints the case's lines of TAP, with the numbers of this script.
tells() {
    cp "$root/console.$1" "$log"
    while read -r line; do
        case $line in
            'ok - '* | 'not ok - '*)
                count=$((count + 1))
                echo "${line%% - *} $count - ${line#* - }"
                ;;
            '# '*) echo "$line" ;;
        esac
        case $line in 'not ok'*) failed=1 ;; esac
    done <"$log"
}

# agrees LIST: compares mdevsim with the kernel's answers.
agrees() {
    in_root "gcc -D_GNU_SOURCE -o /tmp/operations \
            tests/kernel/vm/programs/operations.c
        python3 tests/platforms/s390x/compare.py $1 /console.$1 \
            /build-own/tests/kernel/mdevsim/mdevsim /tmp/operations"
}

check "a kernel with vfio_ccw and vfio_ap is built" kernel_is_made
check "a guest is made" guest_is_made
if [ "$failed" = 0 ]; then
    for machine_case in ccw ap; do
        check "the guest runs the case $machine_case" boots $machine_case
        tells $machine_case
    done
    for machine_list in list-ccw list-ap; do
        check "the guest makes the operations of $machine_list" boots $machine_list
        check "mdevsim is like the kernel: $machine_list" agrees $machine_list
    done
fi

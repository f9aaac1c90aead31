# SPDX-License-Identifier: LGPL-2.1-or-later
# /etc/mdevctl.d on each kind of file system: definitions are written, listed
# and locked, and preserve their attributes.
# kernels: 6.1
. /vm/lib.sh
store=/etc/mdevctl.d
modprobe loop

# change COUNT FIRST: runs so many commands, one after the other.
change() {
    for change_number in $(seq "$2" $(($2 + $1 - 1))); do
        mdevctl modify -u $U1 --addattr "a$change_number" --value x || return
    done
}

# use NAME: runs the checks for every file system that is mounted on the store.
use() {
    check "$1 is mounted" grep -q " $store $1 " /proc/mounts
    rm -rf "${store:?}"/* "$store/.lock"
    silent mdevctl define -u $U1 -p mtty -t mtty-1
    silent mdevctl define -u $U2 -p mtty -t mtty-1
    silent mdevctl modify -u $U1 --auto
    silent mdevctl undefine -u $U2
    prints "$U1 mtty mtty-1 auto" mdevctl list -d
    change 5 1 >one 2>&1 &
    change 5 6 >other 2>&1
    wait $!
    equal "$1: all changes of two writers are stored" \
        "$(cat one other)$(grep -c '"a[0-9]*": "x"' $store/mtty/$U1)" 10
    hold_lock
    mdevctl modify -u $U1 --manual &
    waiting=$!
    sleep 1
    rm $store/.lock
    check "$1: a removed lock is created again" \
        mdevctl modify -u $U1 --addattr b --value x
    kill $holder
    wait $waiting
    check "$1: a process that waited for the old lock continues" \
        grep -q '"start": "manual"' $store/mtty/$U1
    chown 1234 $store/.lock
    fails 11 "*: it belongs to user 1234, who could block every change; *" \
        mdevctl modify -u $U1 --auto
    rm $store/.lock
}

# hold_lock: the process $holder locks the store. NFS requires a file that is
# open for writing.
hold_lock() {
    (flock 9 && exec sleep 1000) 9<>$store/.lock &
    holder=$!
    while (flock -n 9) 9<>$store/.lock; do sleep 0.1; done
}

# keep NAME: checks the ACL and the attributes of a definition.
keep() {
    setfacl -m u:1234:r $store/mtty/$U1
    setfattr -n user.note -v mine $store/mtty/$U1
    getfacl -p $store/mtty/$U1 >before
    setfacl -d -m u:99:rw $store/mtty
    silent mdevctl modify -u $U1 --auto
    getfacl -p $store/mtty/$U1 >after
    equal "$1: a definition preserves its ACL" "$(cat after)" "$(cat before)"
    equal "$1: a definition preserves its attributes" \
        "$(getfattr --only-values -n user.note $store/mtty/$U1)" mine
}

# refuse: an error names a read-only file system, and lists work.
refuse() {
    mdevctl list -d >before
    mount -o remount,bind,ro $store
    fails 1 "*: Cannot write to $store*: Read-only file system" \
        mdevctl modify -u $U1 --addattr c --value x
    prints "$(cat before)" mdevctl list -d
    mount -o remount,bind,rw $store
}

# image NAME SIZE: makes a file for a file system.
image() { truncate -s "$2" /tmp/"$1"; }

mkdir -p $store
mount -t tmpfs tmpfs $store
use tmpfs
refuse
umount $store

image ext4 16M
mke2fs -F /tmp/ext4 >/dev/null
mount -t ext4 -o loop,acl,user_xattr /tmp/ext4 $store
use ext4
keep ext4
refuse
umount $store

image btrfs 128M
mkfs.btrfs -q /tmp/btrfs
mount -t btrfs -o loop /tmp/btrfs $store
use btrfs
keep btrfs
refuse
umount $store
rm /tmp/btrfs

image xfs 320M
mkfs.xfs -q /tmp/xfs
mount -t xfs -o loop /tmp/xfs $store
use xfs
keep xfs
refuse
umount $store
rm /tmp/xfs

# The lower directory has a definition and a lock, which are copied up.
mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/lower/mtty /mnt/upper /mnt/work
echo '{"mdev_type": "mtty-1", "start": "manual"}' >/mnt/lower/mtty/$U1
: >/mnt/lower/.lock
mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work \
    overlay $store
silent mdevctl modify -u $U1 --auto
prints "$U1 mtty mtty-1 auto" mdevctl list -d
use overlay
umount $store /mnt

# A server and a client of NFS 4.2 in one kernel. The case writes the lines for
# the server that mountd would write: the export has the number 0, no checks of
# subtrees, and root is root.
mount -t ext4 -o loop,acl,user_xattr /tmp/ext4 /mnt
modprobe nfsd
modprobe nfsv4
mount -t nfsd nfsd /proc/fs/nfsd
mkdir -p /var/lib/nfs/v4recovery
echo 10 >/proc/fs/nfsd/nfsv4leasetime
echo 10 >/proc/fs/nfsd/nfsv4gracetime
ifconfig lo 127.0.0.1 up
echo '-2 -3 +4 +4.1 +4.2' >/proc/fs/nfsd/versions
echo 'nfsd 127.0.0.1 2147483647 guest' >/proc/net/rpc/auth.unix.ip/channel
echo 'guest /mnt 2147483647 9218 65534 65534 0' \
    >/proc/net/rpc/nfsd.export/channel
printf '%s\n' 'guest 1 \x00000000 2147483647 /mnt' \
    >/proc/net/rpc/nfsd.fh/channel
echo 2 >/proc/fs/nfsd/threads
mount -i -t nfs4 -o vers=4.2,addr=127.0.0.1,clientaddr=127.0.0.1 \
    127.0.0.1:/ $store
use nfs4
setfacl -m u:1234:r /mnt/mtty/$U1
getfacl -p /mnt/mtty/$U1 >before
setfacl -d -m u:99:rw /mnt/mtty
silent mdevctl modify -u $U1 --auto
equal 'nfs4: a definition preserves its ACL' "$(getfacl -p /mnt/mtty/$U1)" \
    "$(cat before)"
umount $store
echo 0 >/proc/fs/nfsd/threads
umount /mnt
rm /tmp/ext4

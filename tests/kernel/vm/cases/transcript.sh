# SPDX-License-Identifier: LGPL-2.1-or-later
# The session of tests/golden/kernel-transcript, which runs on the simulated
# kernel, has the same results here.
. /vm/lib.sh
case_directory=/vm/golden/kernel-transcript
mkdir session
cat >session/lib.sh <<'LIB'
. /vm/golden/lib.sh
control() { [ "$1" = add-parent ] && modprobe "${2%%=*}"; }
LIB
(
    cd /
    ROOT='' PATH=/vm/scratch/session:$PATH sh $case_directory/cmd
) >session/stdout 2>session/stderr
# Replace the UUID that mdevctl has generated.
sed "s/$(cat /generated)/<UUID>/" session/stdout >session/said
sed "s/[\$]ROOT//" $case_directory/stdout >session/expected
check 'prints the same as on the simulated kernel' \
    diff session/expected session/said
check 'stderr is empty' [ ! -s session/stderr ]
cat session/stderr
for uuid in $(running); do mdevctl stop -u "$uuid"; done

# SPDX-License-Identifier: LGPL-2.1-or-later
# The session that tests/golden/kernel-transcript has with the simulated kernel goes
# the same way here: a whole life, and the errors.
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
# A UUID that the case does not know was made up.
sed "s/$(cat /generated)/<UUID>/" session/stdout >session/said
sed "s/[\$]ROOT//" $case_directory/stdout >session/expected
check 'it says what it says on the simulated kernel' \
    diff session/expected session/said
check 'and nothing else' [ ! -s session/stderr ]
cat session/stderr
for uuid in $(running); do mdevctl stop -u "$uuid"; done

# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of lsmdev in fish; the completion of mdevctl does the work.
complete -C 'mdevctl ' >/dev/null
complete -c lsmdev -f -a '(__mdevctl_complete)'

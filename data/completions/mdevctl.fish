# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of mdevctl in fish. The program prints the possible words.
function __mdevctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '.*/' '' -- $words[1])
    set -l command (string replace -r 'lsmdev$' mdevctl -- $words[1])
    command -q $command; or return
    for line in ($command complete $program $words[2..-1] "$current" 2>/dev/null)
        if test "$line" != :files
            echo $line
            continue
        end
        set -l option (string match -r '^--[a-z]+=' -- $current)
        set -l start (string replace -r '^--[a-z]+=' '' -- $current)
        for file in (__fish_complete_path $start)
            echo "$option$file"
        end
    end
end
complete -c mdevctl -f -a '(__mdevctl_complete)'

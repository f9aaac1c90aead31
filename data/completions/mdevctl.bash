# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of mdevctl and lsmdev in bash, with bash-completion. The program
# prints the possible words.
_mdevctl()
{
    local cur prev words cword word rest
    # bash-completion itself completes the file after a redirection.
    _init_completion -n =: || return
    while IFS=$'\t' read -r word rest; do
        if [[ $word == :files ]]; then
            cur=${cur#--*=}
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
        fi
        # Bash replaces what is behind the last = or : only.
        [[ $cur != *[=:]* ]] || word=${word#"${cur%"${cur##*[=:]}"}"}
        COMPREPLY+=("$word")
    done < <("${1/%lsmdev/mdevctl}" complete "${1##*/}" \
        "${words[@]:1:cword}" 2>/dev/null)
}
complete -F _mdevctl mdevctl lsmdev

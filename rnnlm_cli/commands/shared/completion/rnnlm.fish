# Completion of rnnlm in fish, written by: rnnlm completion fish
function _rnnlm_completion
    set -l words (commandline --current-process --cut-at-cursor | string collect)
    set -l answer (env _RNNLM_COMPLETE=$words rnnlm 2>/dev/null)
    set -l prefix $answer[1]
    set -l typed $answer[2]
    for line in $answer[3..-1]
        set -l fields (string split --max 2 \t -- $line)
        switch $fields[1]
            case word part
                printf '%s%s\t%s\n' $prefix $fields[2] $fields[3]
            case files directories
                for path in (__fish_complete_path $typed)
                    set -l name (string split --max 1 \t -- $path)[1]
                    if string match --quiet '*/' -- $name
                        printf '%s%s\n' $prefix $name
                    else if test $fields[1] = files
                        for suffix in (string split ' ' -- $fields[2])
                            if string match --quiet "*$suffix" -- $name
                                printf '%s%s\n' $prefix $name
                                break
                            end
                        end
                    end
                end
        end
    end
end

complete --command rnnlm --erase
complete --command rnnlm --no-files --keep-order --arguments '(_rnnlm_completion)'

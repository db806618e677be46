# common.sh — what start, stop and scan share: where the executable is, who is still alive.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${POSTERN:=$top/build/bin/postern}"
if [ ! -x "$POSTERN" ]; then
  echo "$(basename "$0"): no executable $POSTERN: run contrib/check, or set POSTERN" >&2
  exit 69
fi

# greets PORT: whether a mail server says 220 there.
greets() {
  local line=
  { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  read -r -t 5 line <&3 || true
  [[ $line == 220* ]] && printf 'QUIT\r\n' >&3 && read -r -t 5 _ <&3
  exec 3<&- 3>&-
  [[ $line == 220* ]]
}

# alive GROUP: whether a process of that group still runs. Zombies do not count: it may be nobody's
# business to reap them.
alive() {
  local stat fields
  for stat in /proc/[0-9]*/stat; do
    { read -r stat <"$stat"; } 2>/dev/null || continue
    read -r -a fields <<<"${stat##*) }"
    [[ ${fields[2]} == "$1" && ${fields[0]} != [ZX] ]] && return 0
  done
  return 1
}

#!/bin/sh
# Makes a Debian 12 computer a county's server. Run it as root from the source tree, where the program stays; running it
# again updates: tables, front end, catalogues, units. Settings, keys and data are kept. See docs/operator.md.
#
#     sh contentserver/deploy/install.sh --hosts county.example,192.0.2.7 [--database URL] [--no-packages] [--no-start]
#
# --hosts LIST    names and addresses by which boxes and browsers reach this computer; the first one stands in addresses
# --database URL  postgresql+psycopg://… where it is not SQLite; the first time only
# --no-packages   the Debian packages are there already
# --no-start      put everything in place and start nothing
set -eu

hosts='' database='' packages=yes start=yes
while [ $# -gt 0 ]; do
    case $1 in
        --hosts) hosts=$2; shift 2 ;;
        --database) database=$2; shift 2 ;;
        --no-packages) packages=no; shift ;;
        --no-start) start=no; shift ;;
        *) echo "install.sh: $1 is not known; the first lines of the script say what is" >&2; exit 2 ;;
    esac
done
configuration=/etc/yuanjiao settings=/etc/yuanjiao/server.env data=/var/lib/yuanjiao-server
backups=/var/backups/yuanjiao passphrase=/var/lib/yuanjiao-server/keys/backup-passphrase
[ "$(id -u)" -eq 0 ] || { echo "install.sh: run it as root" >&2; exit 2; }
[ -n "$hosts" ] || [ -f "$settings" ] || { echo "install.sh: --hosts … is needed the first time" >&2; exit 2; }

source=$(cd "$(dirname "$0")/../.." && pwd)
python="$source/.venv/bin/python"
cd "$source"

if [ $packages = yes ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y -qq \
        ca-certificates fonts-noto-cjk libatomic1 libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 mosquitto \
        nginx-light postgresql-client python3-venv
fi
id yuanjiao-server >/dev/null 2>&1 || useradd --system --home-dir "$data" --shell /usr/sbin/nologin yuanjiao-server
install -d -m 0750 -o yuanjiao-server -g yuanjiao-server "$data" "$data/keys" "$backups"
for part in broker web systemd monitoring; do
    install -d -m 0750 -o yuanjiao-server -g yuanjiao-server "$configuration/$part"
done

echo "Libraries"
[ -x "$python" ] || python3 -m venv .venv
"$python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
echo "Front end"
PATH="$source/.venv/bin:$PATH"
npm ci --ignore-scripts --no-audit --no-fund --silent
npm run --silent build >"$data/front-end.log" 2>&1 || { cat "$data/front-end.log" >&2; exit 1; }
pybabel --quiet compile -d contentserver/translations -D messages

if [ ! -f "$passphrase" ]; then
    (umask 077; "$python" -c 'import secrets; print("-".join(secrets.token_hex(3) for _ in range(6)))' >"$passphrase")
    chown yuanjiao-server "$passphrase"
fi
if [ ! -f "$settings" ]; then
    host=${hosts%%,*}
    secret() { "$python" -c 'import secrets; print(secrets.token_hex(32))'; }
    umask 027
    cat >"$settings" <<TEXT
YUANJIAO_SECRET_KEY=$(secret)
YUANJIAO_BROKER_PASSWORD=$(secret)
YUANJIAO_DATABASE_URL=${database:-sqlite:///$data/server.db}
YUANJIAO_DATA_DIR=$data/data
YUANJIAO_SIGNING_KEY_FILE=$data/keys/signing-key.jwk
YUANJIAO_PUBLIC_URL=https://$host:8443
YUANJIAO_BOX_BROKER_HOST=$host
YUANJIAO_ACCEL_PREFIX=/internal/packages/
TEXT
    chgrp yuanjiao-server "$settings"
    umask 022
fi

as_server() { # as_server ARGUMENT...: a command of the program, as the user under which it runs
    runuser -u yuanjiao-server -- sh -c 'set -a; . "$1"; shift; exec "$@"' sh "$settings" "$python" -m contentserver "$@"
}
running=no
if [ -d /run/systemd/system ] && systemctl is-active --quiet yuanjiao.target; then
    running=yes
    systemctl stop yuanjiao-worker yuanjiao-ingest yuanjiao-web
fi
as_server admin init
[ -z "$hosts" ] || as_server admin certificates --hosts "$hosts"
as_server admin import-regions
as_server admin write-config "$configuration" --environment "$settings" --backups "$backups" >/dev/null
install -m 0644 "$configuration"/systemd/* /etc/systemd/system/
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    for theirs in mosquitto nginx; do # Debian's own, which would take the ports
        if systemctl cat "$theirs.service" >/dev/null 2>&1; then systemctl disable --now --quiet "$theirs"; fi
    done
    [ $start = no ] && [ $running = no ] || systemctl enable --now --quiet yuanjiao.target
fi
echo "Write down what stands in $passphrase, on paper, elsewhere: without it no backup gives the keys back."
echo "Ready. The first account: see docs/operator.md, \"The first account\"."

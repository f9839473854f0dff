#!/bin/sh
# Makes a Debian 12 computer a station's television. Run it as root from a source tree; running it again updates.
#
#     sh tvclient/kiosk/install.sh --server https://county.example [--ca authority.pem] [--serial SN-0042]
#                                  [--wheels DIR] [--no-packages] [--no-start]
#
# --wheels DIR    take the Python libraries from this folder (pip download -r requirements-box.txt -d DIR), without a line
# --no-packages   the Debian packages are there already
# --no-start      put everything in place and start nothing (for an image)
set -eu

server='' ca='' serial='' wheels='' packages=yes start=yes
while [ $# -gt 0 ]; do
    case $1 in
        --server) server=$2; shift 2 ;;
        --ca) ca=$2; shift 2 ;;
        --serial) serial=$2; shift 2 ;;
        --wheels) wheels=$2; shift 2 ;;
        --no-packages) packages=no; shift ;;
        --no-start) start=no; shift ;;
        *) echo "install.sh: $1 is not known; the first lines of the script say what is" >&2; exit 2 ;;
    esac
done
case $server in
    https://*) ;;
    '') [ -f /etc/yuanjiao/tv.env ] || { echo "install.sh: --server https://… is needed the first time" >&2; exit 2; } ;;
    *) echo "install.sh: --server must be an https address" >&2; exit 2 ;;
esac
[ -z "$ca" ] || [ -f "$ca" ] || { echo "install.sh: $ca is not there" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "install.sh: run it as root" >&2; exit 2; }

source=$(cd "$(dirname "$0")/../.." && pwd)
home=/usr/lib/yuanjiao

if [ $packages = yes ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y -qq \
        ca-certificates espeak-ng fonts-noto-cjk libasound2 libegl1 libgl1 libgl1-mesa-dri libgles2 libmpv2 libmtdev1 \
        python3-venv xinit xserver-xorg-core xserver-xorg-input-libinput
fi

id yuanjiao >/dev/null 2>&1 || useradd --system --home-dir /var/lib/yuanjiao --shell /usr/sbin/nologin yuanjiao
for group in audio input render tty video; do
    ! getent group "$group" >/dev/null || usermod --append --groups "$group" yuanjiao
done
install -d -m 0700 -o yuanjiao -g yuanjiao /var/lib/yuanjiao

# Everything is built beside the old installation and takes its place at once.
rm -rf "$home.new"
install -d "$home.new/base"
for program in tvclient schedules media_pipeline; do
    cp -R "$source/$program" "$home.new/base/"
done
find "$home.new/base" -name __pycache__ -type d -prune -exec rm -rf {} +
cp "$source/requirements-box.txt" "$source/tvclient/kiosk/launch.py" "$home.new/"
cat >"$home.new/base/README" <<'TEXT'
The television of a station. Settings: /etc/yuanjiao/tv.env. Data: /var/lib/yuanjiao. Log: journalctl -u yuanjiao-tv
TEXT
python3 -m venv "$home.new/venv"
if [ -n "$wheels" ]; then
    "$home.new/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$wheels" \
        -r "$source/requirements-box.txt"
else
    "$home.new/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$source/requirements-box.txt"
fi
(cd "$home.new/base" && ../venv/bin/python -m tvclient.ui.fonts --out "$home.new/fonts")
[ -n "$(find "$home.new/base/tvclient/translations" -name '*.mo')" ] \
    || { echo "install.sh: the catalogues are not compiled; run make setup in the source tree first" >&2; exit 1; }
rm -rf "$home.old"
[ ! -e "$home" ] || mv "$home" "$home.old"
mv "$home.new" "$home"
rm -rf "$home.old"

install -d /etc/yuanjiao
[ -z "$ca" ] || install -m 0644 "$ca" /etc/yuanjiao/authority.pem
if [ -n "$server" ]; then
    {
        echo "YJ_TV_SERVER=$server"
        [ ! -f /etc/yuanjiao/authority.pem ] || echo "YJ_TV_CA=/etc/yuanjiao/authority.pem"
        [ -z "$serial" ] || echo "YJ_TV_SERIAL=$serial"
    } >/etc/yuanjiao/tv.env.new
    mv /etc/yuanjiao/tv.env.new /etc/yuanjiao/tv.env
fi
install -D -m 0644 "$source/tvclient/kiosk/journald.conf" /etc/systemd/journald.conf.d/yuanjiao.conf
install -D -m 0644 "$source/tvclient/kiosk/yuanjiao-tv.service" /etc/systemd/system/yuanjiao-tv.service
install -d /etc/systemd/system/multi-user.target.wants
ln -sf ../yuanjiao-tv.service /etc/systemd/system/multi-user.target.wants/yuanjiao-tv.service
if [ $start = yes ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl restart systemd-journald
    systemctl restart yuanjiao-tv.service
fi
echo "The television is installed. It starts with the machine; its log: journalctl -u yuanjiao-tv"

#!/bin/sh
# Mounts the workspace's disk as /home and makes a home folder on it:   home-disk.sh DEVICE USER
set -eu
device=$1 user=$2

# Several agents of one machine may come here at the same time.
exec 9> /run/home-disk.lock
flock 9

if ! mountpoint -q /home; then
    # Clouds attach disks while the machine boots already.
    tries=0
    until test -b "$device"; do
        tries=$((tries + 1))
        if test "$tries" -gt 300; then
            echo "The disk $device did not appear" >&2
            exit 1
        fi
        sleep 1
    done
    # A new disk is all zeros. Anything else, and a disk that cannot be read, is never formatted.
    if cmp -s -n 1048576 "$device" /dev/zero; then
        mkfs.ext4 -q -m 0 -L home "$device"
    fi
    # What a disk that was taken away while in use needs; 1 and 2 mean that all is well again.
    e2fsck -p "$device" || test $? -lt 4
    mount -o noatime "$device" /home
    # The disk may have grown since the last start.
    resize2fs "$device"
fi

if ! test -d "/home/$user"; then
    rm -rf "/home/.$user.new"
    cp -r /etc/skel "/home/.$user.new"
    chown -R "$user:" "/home/.$user.new"
    chmod 700 "/home/.$user.new"
    mv "/home/.$user.new" "/home/$user"
fi

#!/usr/bin/env bash
# The same without containers: a queue, two workers and one sweep on this machine. Run it in a folder with plan.json and series/.
#   npm install lstm-webgpu webgpu @sparticuz/chromium bullmq ioredis; apt-get install redis-server
set -euo pipefail
PATH="$PWD/node_modules/.bin:$PATH"
port=6399
redis-server --port "$port" --bind 127.0.0.1 --appendonly yes --save '' >redis.log &
trap 'kill $(jobs -p)' EXIT
for _ in 1 2 3 4 5; do redis-cli -p "$port" ping >/dev/null 2>&1 && break || sleep 1; done
for k in 1 2; do lstm-webgpu worker --queue "redis://127.0.0.1:$port" >"worker-$k.log" 2>&1 & done
lstm-webgpu sweep plan.json 'series/*.csv' --queue "redis://127.0.0.1:$port"

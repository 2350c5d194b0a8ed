#!/usr/bin/env bash
# Walk through Footnote's HTTP interface with curl: bash examples/walk.sh FILE QUESTION
# FOOTNOTE_URL is the service's address, FOOTNOTE_KEY an API key.
set -euo pipefail

file=$1
question=$2

# Call the service: method, path, then further options of curl. An error's reason goes to stderr.
call() {
    local method=$1 path=$2 reply
    shift 2
    if ! reply=$(curl --silent --show-error --fail-with-body --request "$method" \
        "$FOOTNOTE_URL$path" --header "Authorization: Bearer $FOOTNOTE_KEY" "$@"); then
        echo "$reply" >&2
        return 1
    fi
    printf '%s\n' "$reply"
}

# Print one field of the JSON on stdin: field document_id, or field citations 0 quote.
field() {
    python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[int(key) if isinstance(value, list) else key]
print(value)
' "$@"
}

# Build the JSON body {"NAME": "VALUE"}; quotes in the value are escaped.
body() {
    python3 -c 'import json, sys; print(json.dumps({sys.argv[1]: sys.argv[2]}))' "$1" "$2"
}

echo "1. Upload $file for you alone. 202: the bytes are on disk."
accepted=$(call POST /v1/documents --form "file=@$file")
document=$(field document_id <<<"$accepted")
job=$(field job_id <<<"$accepted")

echo "2. Wait until it is searchable."
state=queued
while [ "$state" = queued ] || [ "$state" = running ]; do
    sleep 0.2
    state=$(call GET "/v1/jobs/$job" | field state)
done
echo "   The job has $state."

echo "3. Search."
hits=$(call POST /v1/search --json "$(body query "$question")")
passage=$(field passages 0 text <<<"$hits")
head -n 3 <<<"$passage"

echo "4. Ask."
answer=$(call POST /v1/ask --json "$(body question "$question")")
field text <<<"$answer"

echo "5. Follow the first citation: characters start to end of the document's text."
cited=$(field citations 0 document_id <<<"$answer")
start=$(field citations 0 start <<<"$answer")
end=$(field citations 0 end <<<"$answer")
call GET "/v1/documents/$cited/text" |
    python3 -c 'import sys; print(sys.stdin.read()[int(sys.argv[1]):int(sys.argv[2])])' "$start" "$end"

echo "6. Delete the document. The next search does not find it."
call DELETE "/v1/documents/$document" >/dev/null

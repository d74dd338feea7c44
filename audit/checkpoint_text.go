package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkpointText is what a checkpoint's signatures cover: origin, size and root, without extension lines (C2SP tlog-checkpoint).
func checkpointText(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
}

var errNoCheckpoint = errors.New("it is not a checkpoint of this log")

// parseCheckpointText reads what checkpointText writes, and refuses every other way to write it.
func parseCheckpointText(origin, text string) (size int64, root tlog.Hash, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return 0, root, errNoCheckpoint
	}
	if size, root, err = parseSizeAndRoot(lines[1], lines[2]); err != nil || checkpointText(origin, size, root) != text {
		return 0, tlog.Hash{}, errNoCheckpoint
	}
	return size, root, nil
}

func parseSizeAndRoot(sizeText, rootText string) (size int64, root tlog.Hash, err error) {
	size, err = strconv.ParseInt(sizeText, 10, 64)
	if err != nil || size < 0 {
		return 0, root, errNoCheckpoint
	}
	packed, err := base64.StdEncoding.DecodeString(rootText)
	if err != nil || len(packed) != len(root) {
		return 0, root, errNoCheckpoint
	}
	return size, tlog.Hash(packed), nil
}

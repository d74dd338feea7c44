package api

// ParseTile reads the level and the rest of the path of a tile; problems tells whether any part was refused.
func ParseTile(level, rest string) (l int, n int64, width int, problems int) {
	t, bad := parseTile(level, rest)
	return t.level, t.n, t.width, len(bad)
}

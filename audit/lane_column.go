package audit

import (
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// pgEpoch is PostgreSQL's instant 0, in microseconds since 1970.
const pgEpoch = 946_684_800_000_000

// appendColumn appends a slice as the binary form of a PostgreSQL array of one dimension. It says false, and appends nothing, when it does not know
// the slice's type. It does for the columns of the log what pgx does for any array, without a plan and a buffer for each.
func appendColumn(b []byte, slice any) (_ []byte, known bool) {
	switch s := slice.(type) {
	case [][]byte:
		return appendElements(b, pgtype.ByteaOID, s, func(b, v []byte) []byte { return append(b, v...) }, nil), true
	case []string:
		return appendElements(b, pgtype.TextOID, s, func(b []byte, v string) []byte { return append(b, v...) }, nil), true
	case []pgtype.UUID:
		return appendElements(b, pgtype.UUIDOID, s, func(b []byte, v pgtype.UUID) []byte { return append(b, v.Bytes[:]...) },
			func(v pgtype.UUID) bool { return !v.Valid }), true
	case []int64:
		return appendElements(b, pgtype.Int8OID, s, appendInt8, nil), true
	case []int16:
		return appendElements(b, pgtype.Int2OID, s, func(b []byte, v int16) []byte {
			return binary.BigEndian.AppendUint16(b, uint16(v)) //nolint:gosec // the same bits
		}, nil), true
	case []pgtype.Int8:
		return appendElements(b, pgtype.Int8OID, s, func(b []byte, v pgtype.Int8) []byte { return appendInt8(b, v.Int64) },
			func(v pgtype.Int8) bool { return !v.Valid }), true
	case []time.Time:
		return appendElements(b, pgtype.TimestamptzOID, s, func(b []byte, v time.Time) []byte { return appendInt8(b, v.UnixMicro()-pgEpoch) }, nil), true
	}
	return b, false
}

func appendInt8(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(v)) //nolint:gosec // the same bits
}

// appendElements writes the head of an array and its elements, each after its length; what isNull says of is null has the length -1.
func appendElements[T any](b []byte, oid uint32, all []T, write func([]byte, T) []byte, isNull func(T) bool) []byte {
	const dimensions, nulls, first, null = 1, 1, 1, 0xffff_ffff
	for _, v := range []uint32{dimensions, nulls, oid, uint32(len(all)), first} { //nolint:gosec // as many as a batch has, or its links
		b = binary.BigEndian.AppendUint32(b, v)
	}
	for _, v := range all {
		if isNull != nil && isNull(v) {
			b = binary.BigEndian.AppendUint32(b, null)
			continue
		}
		at := len(b)
		b = write(append(b, 0, 0, 0, 0), v)
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4)) //nolint:gosec // a leaf is the longest
	}
	return b
}

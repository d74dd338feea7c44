package audit

import "time"

// appendInstant appends t in UTC as instantLayout writes it, which for every entry takes too long to read anew.
func appendInstant(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, instantLayout)
	}
	hour, minute, second := t.Clock()
	b = append(b, instantBlank...)
	at := b[len(b)-len(instantBlank):]
	putDigits(at[0:4], year)
	putDigits(at[5:7], int(month))
	putDigits(at[8:10], day)
	putDigits(at[11:13], hour)
	putDigits(at[14:16], minute)
	putDigits(at[17:19], second)
	putDigits(at[20:26], t.Nanosecond()/int(time.Microsecond))
	return b
}

// putDigits writes the last digits of n over what stands in b.
func putDigits[T int | int64](b []byte, n T) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

package api

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/registry"
	"onward/registry/sharing"
)

const (
	// choiceRound is how many lines of choices are recorded together.
	choiceRound = 200
	// choiceBytes bounds the lines of one round.
	choiceBytes = 4 << 20
)

func (a *API) recordChoice(c *gin.Context) error {
	var r sharing.Choice
	if err := decodeOnly(c, &r); err != nil {
		return err
	}
	done, err := a.Gate.RecordChoice(c.Request.Context(), login.Actor(c), a.Now(), c.GetHeader("Idempotency-Key"), r)
	if err != nil {
		return err
	}
	if done.Receipt.Replayed {
		c.Header("Idempotency-Replayed", "true")
	}
	return answer(c, http.StatusCreated, done)
}

func (a *API) reportChoices(c *gin.Context) error {
	var q sharing.SubjectQuestion
	if err := decodeOnly(c, &q); err != nil {
		return err
	}
	found, err := a.Gate.Choices(c.Request.Context(), login.Actor(c), a.Now(), q)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, found)
}

// choiceLine is what is answered to one line of choices.
type choiceLine struct {
	Line           int64                   `json:"line"`
	IdempotencyKey string                  `json:"idempotency_key,omitempty"`
	Status         int                     `json:"status"`
	Replayed       bool                    `json:"replayed,omitempty"`
	Choice         *sharing.RecordedChoice `json:"choice,omitempty"`
	Problem        *problem.Document       `json:"problem,omitempty"`
}

// choiceBatch is one request of many choices: it reads a round of lines, records it, and answers it, one round after the other, so that
// neither memory nor the time that the log is held grow with the lines.
type choiceBatch struct {
	*API
	c     *gin.Context
	conn  *http.ResponseController
	lines *lines
}

func (a *API) batchChoices(c *gin.Context) error {
	if err := none(c); err != nil {
		return err
	}
	if err := checkType(c, linesType); err != nil {
		return err
	}
	b := &choiceBatch{API: a, c: c, conn: http.NewResponseController(c.Writer)}
	b.lines = newLines(&patient{c.Request.Body, b.conn}, bodyLimit)
	if err := b.conn.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	c.Header("Content-Type", linesType)
	c.Status(http.StatusOK)
	for more := true; more; {
		var err error
		if more, err = b.round(); err != nil {
			return nil //nolint:nilerr // the caller is gone, and the status with him
		}
	}
	return nil
}

// round works on the next lines; more is false after the last.
func (b *choiceBatch) round() (more bool, err error) {
	var answers []choiceLine
	var asked []sharing.KeyedChoice
	var places []int // of what was asked, in answers
	more = true
	for size := 0; more && len(answers) < choiceRound && size < choiceBytes; {
		text, number, err := b.lines.next()
		if text == nil && err == nil {
			more = false
			break
		}
		var long *http.MaxBytesError
		more = err == nil || errors.As(err, &long)
		size += len(text)
		line := choiceLine{Line: number}
		var one sharing.KeyedChoice
		if err == nil {
			err = registry.Decode(text, &one)
			line.IdempotencyKey = one.IdempotencyKey
		}
		if err != nil {
			b.refuse(&line, err)
		} else {
			asked, places = append(asked, one), append(places, len(answers))
		}
		answers = append(answers, line)
	}
	if _, err := b.Keys.Authorized(b.c.Request.Context(), b.Now(), b.c.GetHeader("Authorization")); err != nil {
		for _, i := range places { // a key that was revoked ends the batch
			b.refuse(&answers[i], err)
		}
		more, asked = false, nil
	}
	for i, o := range b.Gate.RecordChoices(b.c.Request.Context(), login.Actor(b.c), b.Now(), asked) {
		line := &answers[places[i]]
		if o.Err != nil {
			b.refuse(line, o.Err)
			continue
		}
		line.Status, line.Replayed, line.Choice = http.StatusCreated, o.Choice.Receipt.Replayed, &o.Choice
	}
	return more, b.write(answers)
}

func (b *choiceBatch) refuse(line *choiceLine, err error) {
	document, _ := b.Problems.Document(b.c, inLine(err))
	line.Status, line.Problem = document.Status, &document
}

func (b *choiceBatch) write(answers []choiceLine) error {
	var text bytes.Buffer
	for i := range answers {
		if err := encode(&text, answers[i]); err != nil {
			return err
		}
	}
	_ = b.conn.SetWriteDeadline(time.Now().Add(batchIdle)) // not all connections have deadlines
	if _, err := b.c.Writer.Write(text.Bytes()); err != nil {
		return err
	}
	if err := b.conn.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

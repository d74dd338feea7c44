package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"onward/audit/proof"
)

// fetchLog reads a log that is served as C2SP tlog-tiles under an address. The API key, if there is one, goes with requests for entries alone.
// It follows no redirect, bounds what it reads, and asks a second and third time when the other side is in trouble.
func fetchLog(address, apiKey string) proof.Fetch {
	client := &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, path string) ([]byte, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		key := ""
		if strings.HasPrefix(path, "tile/entries/") {
			key = apiKey
		}
		for attempt := 1; ; attempt++ {
			data, again, err := get(ctx, client, u.JoinPath(path).String(), key)
			if err == nil || !again || attempt == 3 {
				return data, err
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Duration(attempt) * time.Second):
			}
		}
	}
}

// get reads one address; again tells whether it may help to ask once more.
func get(ctx context.Context, client *http.Client, address, key string) (data []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil) //nolint:gosec // an address that its user names
	if err != nil {
		return nil, false, err
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := client.Do(req) //nolint:gosec // an address that its user names
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone {
			return nil, false, fmt.Errorf("%s answered with status %d: %w", address, resp.StatusCode, proof.ErrAbsent)
		}
		again = resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests
		return nil, again, fmt.Errorf("%s answered with status %d", address, resp.StatusCode)
	}
	data, err = io.ReadAll(io.LimitReader(resp.Body, proof.MaxFetch+1))
	if err == nil && len(data) > proof.MaxFetch {
		err = fmt.Errorf("%s answered with more than a log has there", address)
	}
	return data, err != nil, err
}

// Package notify delivers what is told of changes, by mail and by webhook, from the table of deliveries: any number of instances at once, each
// delivery by one of them at a time, tried until it is there or given up. What an instance held when it died is delivered by another one, under the
// same Message-ID or webhook-id.
//
// Mail is plain text and HTML, and can be unsubscribed from with one click (RFC 8058). Webhooks have the shape of Standard Webhooks: webhook-id,
// webhook-timestamp, and in webhook-signature the HMAC-SHA-256 over both and the body. They go to public addresses only, unless a setting
// permits others, and follow no redirect.
package notify

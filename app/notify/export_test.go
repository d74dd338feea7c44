package notify

import "time"

// Public says whether webhooks may go to an address.
var Public = public

// HookTimeout makes the engine less patient with webhooks' receivers.
func (e *Engine) HookTimeout(d time.Duration) { e.hooks.Timeout = d }

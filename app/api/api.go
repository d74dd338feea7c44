// Package api is the JSON interface that openapi.yaml describes: each handler decodes, calls one method, encodes, and returns its error.
package api

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"
	"golang.org/x/sync/semaphore"

	"onward/app/login"
	"onward/app/problem"
	"onward/audit"
	"onward/registry"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// Options are what the interface stands on; all are needed but MailAway.
type Options struct {
	DB       *bun.DB
	Log      *audit.Log
	Registry *registry.Registry
	Gate     *sharing.Gate
	Desk     *publishing.Desk
	Keys     *login.Keys
	Users    *login.Users
	Policy   func() ([]byte, error) // what a bundle is checked against (C2SP tlog-policy): the log's keys, its witnesses and their quorum
	Metrics  *Metrics
	Problems *problem.Writer
	Now      func() time.Time // the clock of every change and every question about now
	Zone     *time.Location   // decides when a day that is asked for ends
	Faults   *slog.Logger     // told when a streamed answer breaks off
	MailAway func() string    // why mail cannot be sent now, in a sentence; empty where it can
}

// API is the JSON interface.
type API struct {
	Options
	docs, description []byte
	batches           *semaphore.Weighted // bytes of lines of all batches that are being decided
	published         atomic.Int64        // a size that a checkpoint is known to cover
}

// New makes the interface; it panics when the description that it was built with cannot be read.
func New(o Options) *API {
	return &API{Options: o, docs: renderDocs(description), description: description, batches: semaphore.NewWeighted(batchBytes)}
}

// Mount adds every operation to engine. The engine's own middleware, NoRoute and NoMethod are the caller's.
func (a *API) Mount(engine *gin.Engine) {
	for _, o := range a.public() {
		mount(engine, o, a.handle(guard), a.handle(o.handler))
	}
	for _, o := range a.operations() {
		mount(engine, o,
			a.handle(guard), a.handle(private), a.handle(a.Keys.Bearer(a.Now)), a.handle(login.Only(o.roles...)), a.handle(o.handler))
	}
}

// mount adds one operation; what can be got can be asked for without its body (RFC 9110, section 9.3.2).
func mount(engine *gin.Engine, o operation, handlers ...gin.HandlerFunc) {
	engine.Handle(o.method, o.path, handlers...)
	if o.method == http.MethodGet {
		engine.Handle(http.MethodHead, o.path, handlers...)
	}
}

func (a *API) handle(h problem.Handler) gin.HandlerFunc { return a.Problems.Handle(h) }

// The headers of every answer, as they are kept: no answer changes the lists.
var (
	noSniff    = []string{"nosniff"}
	noPage     = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
	noStore    = []string{"no-store"}
)

// guard sets the headers of an answer that is data and never a page.
func guard(c *gin.Context) error {
	h := c.Writer.Header()
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = noPage
	h["Referrer-Policy"] = noReferrer
	return nil
}

// private keeps an answer out of every cache.
func private(c *gin.Context) error {
	c.Writer.Header()["Cache-Control"] = noStore
	return nil
}

// operation is a method of a path, whom it serves, and what it does.
type operation struct {
	method, path string
	roles        []string
	handler      problem.Handler
}

// Whom operations serve.
var (
	everybody  = login.Roles()
	readers    = []string{login.Admin, login.Legal, login.Approver, login.Auditor}
	editors    = []string{login.Admin, login.Legal}
	movers     = []string{login.Admin, login.Legal, login.Approver}
	approvers  = []string{login.Admin, login.Approver}
	sharers    = []string{login.Admin, login.Service}
	correctors = []string{login.Admin, login.Legal, login.Service}
	examiners  = []string{login.Admin, login.Legal, login.Auditor}
	overseers  = []string{login.Admin, login.Auditor}
	admins     = []string{login.Admin}
)

// operations are those that want a key: who may do what is this table and nothing else, save that approving and other changes of a vendor
// are told apart by mayChange.
func (a *API) operations() []operation {
	const get, post, patch, put, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete
	return []operation{
		{get, "/v1/vendors", readers, a.listVendors},
		{post, "/v1/vendors", editors, a.createVendor},
		{get, "/v1/vendors/:id", readers, a.readVendor},
		{patch, "/v1/vendors/:id", movers, a.changeVendor},
		{get, "/v1/vendors/:id/terms", readers, a.readVendorTerms},
		{post, "/v1/vendors/:id/merge", editors, a.mergeVendor},
		{post, "/v1/vendors/:id/unmerge", editors, a.unmergeVendor},
		{get, "/v1/vendors/:id/history", readers, a.history("vendor")},
		{get, "/v1/vendors/:id/engagements", readers, a.listEngagements},
		{post, "/v1/vendors/:id/engagements", editors, a.createEngagement},
		{get, "/v1/engagements/:id", readers, a.readEngagement},
		{patch, "/v1/engagements/:id", editors, a.changeEngagement},
		{get, "/v1/engagements/:id/history", readers, a.history("engagement")},
		{get, "/v1/engagements/:id/approvals", readers, a.listApprovals},
		{post, "/v1/engagements/:id/approvals", approvers, a.approveEngagement},
		{get, "/v1/engagements/:id/locations", readers, a.listLocations},
		{post, "/v1/engagements/:id/locations", editors, a.createLocation},
		{get, "/v1/locations/:id", readers, a.readLocation},
		{patch, "/v1/locations/:id", editors, a.changeLocation},
		{get, "/v1/locations/:id/history", readers, a.history("location")},
		{get, "/v1/vendors/:id/contracts", readers, a.listContracts},
		{post, "/v1/vendors/:id/contracts", editors, a.createContract},
		{get, "/v1/contracts/:id", readers, a.readContract},
		{patch, "/v1/contracts/:id", editors, a.changeContract},
		{get, "/v1/contracts/:id/history", readers, a.history("contract")},
		{get, "/v1/contracts/:id/checklist", readers, a.readChecklist},
		{get, "/v1/contracts/:id/amendments", readers, a.listAmendments},
		{post, "/v1/contracts/:id/amendments", editors, a.amendContract},
		{get, "/v1/contracts/:id/document", readers, a.readDocument},
		{put, "/v1/contracts/:id/document", editors, a.attachDocument},
		{get, "/v1/policies", readers, a.listPolicies},
		{post, "/v1/policies", editors, a.draftPolicy},
		{get, "/v1/policies/:name", readers, a.readPolicy},
		{patch, "/v1/policies/:name", editors, a.changePolicy},
		{post, "/v1/policies/:name/approve", approvers, a.approvePolicy},
		{post, "/v1/policies/:name/publish", editors, a.publishPolicy},
		{post, "/v1/policies/:name/withdraw", editors, a.withdrawPolicy},
		{get, "/v1/policies/:name/history", readers, a.listPolicyHistory},
		{get, "/v1/policies/:name/changes", readers, a.readPolicyChanges},
		{get, "/v1/policies/:name/impact", readers, a.listPolicyImpact},
		{get, "/v1/taxonomy", everybody, a.readTaxonomy},
		{post, "/v1/shares", sharers, a.share},
		{post, "/v1/shares/check", everybody, a.checkShare},
		{post, "/v1/shares/batch", sharers, a.shareBatch},
		{get, "/v1/shares/:entry_id", everybody, a.readShare},
		{get, "/v1/shares/:entry_id/receipt", everybody, a.readReceipt},
		{post, "/v1/shares/:entry_id/corrections", correctors, a.correctShare},
		{get, "/v1/reports/reconciliation", examiners, a.reconcile},
		{get, "/v1/reports/shares", examiners, a.cutting(a.reportShares)},
		{post, "/v1/subjects/report", examiners, a.cutting(a.reportSubject)},
		{post, "/v1/subjects/erase", editors, a.eraseSubject},
		{post, "/v1/subjects/correct", editors, noticed(a, a.Gate.CorrectSubject)},
		{post, "/v1/subjects/restrict", editors, noticed(a, a.Gate.RestrictSubject)},
		{post, "/v1/subjects/child", correctors, noticed(a, a.Gate.FlagChild)},
		{get, "/v1/disclosures", readers, a.listDisclosures},
		{post, "/v1/disclosures", editors, a.prepareDisclosure},
		{get, "/v1/disclosures/:id", readers, a.readDisclosure},
		{post, "/v1/disclosures/:id/confirm", movers, a.confirmDisclosure},
		{post, "/v1/choices", correctors, a.recordChoice},
		{post, "/v1/choices/batch", correctors, a.batchChoices},
		{post, "/v1/choices/report", examiners, a.reportChoices},
		{get, "/v1/requests", readers, a.listRequests},
		{post, "/v1/requests", correctors, a.receiveRequest},
		{post, "/v1/requests/report", examiners, a.reportRequests},
		{get, "/v1/requests/:id", readers, a.readRequest},
		{post, "/v1/requests/:id/extend", editors, a.extendRequest},
		{post, "/v1/requests/:id/close", editors, a.closeRequest},
		{get, "/v1/confidentiality", readers, a.readConfidentiality},
		{get, "/v1/acknowledgements", overseers, a.listAcknowledgements},
		{post, "/v1/acknowledgements", readers, a.acknowledgeConfidentiality},
		{get, "/v1/audit/entries", examiners, a.listEntries},
		{get, "/v1/audit/entries/:id", examiners, a.readEntry},
		{get, "/v1/audit/entries/:id/receipt", examiners, a.readEntryReceipt},
		{get, "/v1/audit/proof", examiners, a.readProof},
		{get, "/log/tile/entries/*n", examiners, a.readEntryBundle},
		{post, "/v1/audit/acknowledge", admins, a.acknowledge},
		{get, "/v1/holds", readers, a.listHolds},
		{post, "/v1/holds", editors, a.placeHold},
		{post, "/v1/holds/:id/lift", editors, a.liftHold},
		{get, "/v1/exceptions", readers, a.listExceptions},
		{post, "/v1/exceptions/:id/close", editors, a.closeException},
		{get, "/v1/deals", readers, a.listDeals},
		{post, "/v1/deals", editors, a.openDeal},
		{get, "/v1/deals/:name", readers, a.readDeal},
		{post, "/v1/deals/:name/step", editors, a.stepDeal},
		{post, "/v1/deals/:name/end", editors, a.endDeal},
		{post, "/v1/cookies/scan", correctors, a.scanCookies},
		{get, "/v1/tasks", readers, a.listTasks},
		{post, "/v1/tasks/:id/sent", editors, a.sendTask},
		{post, "/v1/tasks/:id/close", editors, a.closeTask},
		{get, "/v1/customers", readers, a.listCustomers},
		{post, "/v1/customers", editors, a.createCustomer},
		{get, "/v1/customers/:id", readers, a.readCustomer},
		{patch, "/v1/customers/:id", editors, a.changeCustomer},
		{get, "/v1/customers/:id/history", readers, a.history("customer")},
		{get, "/v1/calendars", readers, a.listCalendars},
		{get, "/v1/calendars/:calendar", readers, a.readCalendar},
		{put, "/v1/calendars/:calendar", editors, a.putCalendar},
		{get, "/v1/settings/publishing", readers, a.readPublishingSettings},
		{put, "/v1/settings/publishing", editors, a.changePublishingSettings},
		{get, "/v1/changes", readers, a.listChanges},
		{post, "/v1/changes", editors, a.proposeChange},
		{get, "/v1/changes/:id", readers, a.readChange},
		{patch, "/v1/changes/:id", editors, a.editChange},
		{get, "/v1/changes/:id/history", readers, a.history("change")},
		{get, "/v1/changes/:id/customers", readers, a.listChangeCustomers},
		{post, "/v1/changes/:id/approve", approvers, a.approveChange},
		{post, "/v1/changes/:id/postpone", movers, a.postponeChange},
		{post, "/v1/changes/:id/withdraw", movers, a.withdrawChange},
		{post, "/v1/changes/:id/accept", editors, a.acceptChange},
		{get, "/v1/releases", readers, a.listReleases},
		{get, "/v1/releases/:number", readers, a.readRelease},
		{get, "/v1/objections", readers, a.listObjections},
		{post, "/v1/objections", editors, a.recordObjection},
		{get, "/v1/objections/:id", readers, a.readObjection},
		{get, "/v1/objections/:id/history", readers, a.history("objection")},
		{post, "/v1/objections/:id/decide", editors, a.decideObjection},
		{get, "/v1/customers/:id/contacts", readers, a.listContacts},
		{get, "/v1/notices", readers, a.listNotices},
		{get, "/v1/notices/:id", readers, a.readNotice},
		{get, "/v1/notices/:id/deliveries", readers, a.listDeliveries},
		{post, "/v1/notices/:id/resend", editors, a.resendNotice},
		{get, "/v1/deliveries/:id", readers, a.readDelivery},
		{get, "/v1/deliveries/:id/message", examiners, a.readMessage},
		{post, "/v1/deliveries/:id/bounce", correctors, a.bounceDelivery},
		{get, "/v1/bounces", readers, a.listBounces},
		{get, "/v1/subscribers", examiners, a.listSubscribers},
		{post, "/v1/subscribers/:id/erase", editors, a.eraseSubscriber},
		{get, "/v1/keys", admins, a.listKeys},
		{post, "/v1/keys", admins, a.createKey},
		{get, "/v1/keys/:id", admins, a.readKey},
		{del, "/v1/keys/:id", admins, a.revokeKey},
		{get, "/v1/users", admins, a.listUsers},
		{post, "/v1/users", admins, a.createUser},
		{get, "/v1/users/:id", admins, a.readUser},
		{patch, "/v1/users/:id", admins, a.changeUser},
	}
}

// public are the operations that want no key.
func (a *API) public() []operation {
	return []operation{
		{http.MethodGet, "/log/checkpoint", nil, a.readCheckpoint},
		{http.MethodGet, "/log/tile/:level/*n", nil, a.readTile},
		{http.MethodGet, "/openapi.yaml", nil, a.readOpenapi},
		{http.MethodGet, "/docs", nil, a.readDocs},
		{http.MethodGet, "/problems/:name", nil, a.readProblem},
		{http.MethodGet, "/healthz", nil, a.readHealth},
		{http.MethodGet, "/readyz", nil, a.readReadiness},
		{http.MethodGet, "/metrics", nil, a.readMetrics},
	}
}

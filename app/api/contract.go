package api

import (
	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

func (a *API) listContracts(c *gin.Context) error {
	vendor, limit, cursor, err := listOf(c)
	if err != nil {
		return err
	}
	p, err := a.Registry.Contracts(c.Request.Context(), a.Now(), vendor, limit, cursor)
	return page(c, p, err)
}

func (a *API) createContract(c *gin.Context) error {
	var f registry.ContractFields
	vendor, err := childOf(c, &f)
	if err != nil {
		return err
	}
	k, err := a.Registry.CreateContract(c.Request.Context(), login.Actor(c), a.Now(), vendor, f)
	if err != nil {
		return err
	}
	return created(c, "/v1/contracts/"+k.ID.String(), contractTag(k), k)
}

func (a *API) readContract(c *gin.Context) error {
	id, asOf, err := a.recordOf(c)
	if err != nil {
		return err
	}
	k, err := a.Registry.Contract(c.Request.Context(), a.Now(), id, asOf)
	if err != nil {
		return err
	}
	return record(c, contractTag(k), k)
}

func (a *API) changeContract(c *gin.Context) error {
	id, patch, err := patching(c)
	if err != nil {
		return err
	}
	k, err := change(c, func(version int64) (registry.Contract, error) {
		return a.Registry.ChangeContract(c.Request.Context(), login.Actor(c), a.Now(), id, version, patch)
	})
	if err != nil {
		return err
	}
	return changed(c, contractTag(k), k)
}

func (a *API) listAmendments(c *gin.Context) error {
	contract, limit, cursor, err := listOf(c)
	if err != nil {
		return err
	}
	p, err := a.Registry.Amendments(c.Request.Context(), a.Now(), contract, limit, cursor)
	return page(c, p, err)
}

func (a *API) amendContract(c *gin.Context) error {
	original, patch, err := patching(c)
	if err != nil {
		return err
	}
	k, err := a.Registry.AmendContract(c.Request.Context(), login.Actor(c), a.Now(), original, patch)
	if err != nil {
		return err
	}
	return created(c, "/v1/contracts/"+k.ID.String(), contractTag(k), k)
}

// contractTag names the version and the status: a day that passes changes the answer, though not the record.
func contractTag(k registry.Contract) string { return tagOf(k.Version, k.Status) }

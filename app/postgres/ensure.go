package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ensure makes the role and the database that the program works with, if they are missing.
func (c *Cluster) ensure(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.SuperuserDSN("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the new server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // nothing is pending
	var role, database bool
	err = conn.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_authid WHERE rolname = $1 AND rolcanlogin AND rolpassword IS NOT NULL),
		       EXISTS (SELECT FROM pg_database WHERE datname = $2)`, App, Database).Scan(&role, &database)
	if err != nil {
		return fmt.Errorf("look for role and database: %w", err)
	}
	if !role {
		// The password is ours, in hexadecimal: nothing to escape.
		if _, err := conn.Exec(ctx, `DO $$ BEGIN CREATE ROLE onward_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$`); err != nil {
			return fmt.Errorf("create role %s: %w", App, err)
		}
		if _, err := conn.Exec(ctx, "ALTER ROLE onward_app LOGIN PASSWORD '"+c.app+"'"); err != nil {
			return fmt.Errorf("let role %s log in: %w", App, err)
		}
	}
	if !database {
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+Database); err != nil {
			return fmt.Errorf("create database %s: %w", Database, err)
		}
	}
	return nil
}

// ping logs in as the program would.
func (c *Cluster) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.AppDSN(Database))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

package main
import ("context";"io")
func demoCommand(ctx context.Context, c config, args []string, out io.Writer) error { return nil }

package api

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestLateContext(t *testing.T) {
	cases := map[string]struct {
		touch func(c *lateContext, stop context.CancelFunc) // what happens to it
		want  error
	}{
		"fresh":             {func(*lateContext, context.CancelFunc) {}, nil},
		"fresh, waited for": {func(c *lateContext, _ context.CancelFunc) { c.Done() }, nil},
		"late":              {func(*lateContext, context.CancelFunc) { time.Sleep(time.Minute) }, context.DeadlineExceeded},
		"late, waited for":  {func(c *lateContext, _ context.CancelFunc) { <-c.Done() }, context.DeadlineExceeded},
		"ended":             {func(c *lateContext, _ context.CancelFunc) { c.end() }, context.Canceled},
		"ended, waited for": {func(c *lateContext, _ context.CancelFunc) { c.Done(); c.end(); <-c.Done() }, context.Canceled},
		"waited for, ended": {func(c *lateContext, _ context.CancelFunc) { c.end(); <-c.Done() }, context.Canceled},
		"server stopped":    {func(_ *lateContext, stop context.CancelFunc) { stop() }, context.Canceled},
		"server stopped, waited for": {func(c *lateContext, stop context.CancelFunc) {
			c.Done()
			stop()
			<-c.Done()
		}, context.Canceled},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, stop := context.WithCancel(t.Context())
				defer stop()
				c := &lateContext{Context: server, at: time.Now().Add(time.Minute)}
				defer c.end()
				tc.touch(c, stop)
				if err := c.Err(); !errors.Is(err, tc.want) {
					t.Errorf("Err is %v, want %v", err, tc.want)
				}
			})
		})
	}
}

// A context made from it ends with it, as those of the database driver do.
func TestChildOfALateContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &lateContext{Context: t.Context(), at: time.Now().Add(time.Minute)}
		child, cancel := context.WithCancel(c)
		defer cancel()
		c.end()
		<-child.Done()
		if !errors.Is(child.Err(), context.Canceled) {
			t.Errorf("the child says %v", child.Err())
		}
	})
}

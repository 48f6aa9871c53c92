package api

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// lingerTime is how long a refused client may go on sending before it is cut off.
const lingerTime = 2 * time.Second

// lingerer accepts connections that can be closed without losing the last answer. A server that closes
// while the client still sends makes the kernel reset the connection, and the client of a body of 100 MB
// sees that in place of the 413.
type lingerer struct{ net.Listener }

// Accept waits for the next connection.
func (l lingerer) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &lingeringConn{TCPConn: tcp}, nil
	}
	return conn, nil
}

type lingeringConn struct {
	*net.TCPConn
	refused atomic.Bool // the rest of what the client sends is not wanted
}

// Close closes the connection; one that was refused, after the client has stopped sending.
func (c *lingeringConn) Close() error {
	if c.refused.Load() && c.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.Copy(io.Discard, struct{ io.Reader }{c.TCPConn}) // ends with the deadline; nobody wants what it read
	}
	return c.TCPConn.Close()
}

// refuse marks the connection of a request whose body or header was not read to its end.
func refuse(c *fiber.Ctx) {
	if conn, ok := c.Context().Conn().(*lingeringConn); ok {
		conn.refused.Store(true)
	}
}

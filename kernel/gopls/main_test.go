//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With the name of a file in asGopls, the test binary runs as a fake gopls that logs its messages into the
// file; with asSelf, it runs as the program under test.
const (
	asGopls = "UNROLL_TEST_GOPLS"
	asSelf  = "UNROLL_TEST_SELF"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(asGopls); path != "" {
		playGopls(path)
		return
	}
	if os.Getenv(asSelf) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// playGopls answers every request with its method, after a notification, as gopls may send one.
func playGopls(path string) {
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		message, err := read(in)
		if err != nil {
			return
		}
		fmt.Fprintf(log, "%s\n", message)
		var m struct {
			ID     any
			Method string
		}
		json.Unmarshal(message, &m)
		if m.ID == nil {
			continue
		}
		result := map[string]any{"items": []any{map[string]any{"label": m.Method}}}
		answer, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": result})
		write(os.Stdout, []byte(`{"jsonrpc":"2.0","method":"window/logMessage","params":{}}`))
		write(os.Stdout, answer)
	}
}

// A player is a fake gopls and the log of its messages.
type player struct {
	*exec.Cmd
	log string
}

func newPlayer(t *testing.T) player {
	log := filepath.Join(t.TempDir(), "heard")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asGopls+"="+log)
	return player{cmd, log}
}

// heard returns the messages that the fake gopls has received.
func (p player) heard(t *testing.T) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var messages []map[string]any
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

const (
	initialize  = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"workspaceFolders":[{"uri":"file:///tmp/k%201","name":"k"}]}}`
	initialized = `{"jsonrpc":"2.0","method":"initialized","params":{}}`
	open        = `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///tmp/k%201/main.go","text":"package main\n"}}}`
	openOther   = `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///home/lesson/rnn.go","text":"package lesson\n"}}}`
	complete    = `{"jsonrpc":"2.0","id":2,"method":"textDocument/completion","params":{}}`
)

// A session is a client of serve.
type session struct {
	net.Conn
	from *bufio.Reader
	over chan error
}

func newSession(t *testing.T, gopls *exec.Cmd) session {
	client, server := net.Pipe()
	s := session{client, bufio.NewReader(client), make(chan error, 1)}
	go func() {
		err := serve(server, gopls)
		server.Close()
		s.over <- err
	}()
	t.Cleanup(func() { client.Close() })
	client.SetDeadline(time.Now().Add(20 * time.Second))
	return s
}

func (s session) say(t *testing.T, messages ...string) {
	t.Helper()
	for _, m := range messages {
		if err := write(s, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
}

// answer returns the next response to a request.
func (s session) answer(t *testing.T) string {
	t.Helper()
	message, err := answer(s.from)
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

func (s session) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.over:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("serve does not return")
		return nil
	}
}

func TestServe(t *testing.T) {
	gopls := newPlayer(t)
	s := newSession(t, gopls.Cmd)
	s.say(t, initialize)
	if got, want := s.answer(t), `{"id":1,"jsonrpc":"2.0","result":{"capabilities":{}}}`; got != want {
		t.Errorf("the answer to initialize is %s, want %s", got, want)
	}
	s.say(t, initialized)
	time.Sleep(200 * time.Millisecond)
	if heard := gopls.heard(t); heard != nil {
		t.Fatalf("gopls was started for an idle client: it received %v", heard)
	}

	s.say(t, openOther, open, complete)
	if got, want := s.answer(t), `"id":2`; !strings.Contains(got, want) || !strings.Contains(got, "textDocument/completion") {
		t.Errorf("the answer to the completion is %s", got)
	}
	heard := gopls.heard(t)
	var methods []any
	for _, m := range heard {
		methods = append(methods, m["method"])
	}
	want := "[initialize initialized textDocument/didOpen textDocument/completion]"
	if got := fmt.Sprint(methods); got != want {
		t.Fatalf("gopls received %s, want %s", got, want)
	}
	params := heard[0]["params"].(map[string]any)
	got, _ := json.Marshal(params["initializationOptions"])
	if want, _ := json.Marshal(settings); !bytes.Equal(got, want) {
		t.Errorf("gopls received the settings %s, want %s", got, want)
	}
	if params["workspaceFolders"] == nil {
		t.Error("the client's own parameters are lost")
	}

	s.Close()
	if err := s.wait(t); err != nil {
		t.Errorf("serve ended with %v when the client left", err)
	}
	if gopls.ProcessState == nil {
		t.Error("gopls still runs when the client has left")
	}
}

func TestServeEnds(t *testing.T) {
	for name, said := range map[string][]string{
		"before a message":  nil,
		"after initialize":  {initialize},
		"before a document": {initialize, initialized},
	} {
		t.Run("the client leaves "+name, func(t *testing.T) {
			gopls := newPlayer(t)
			s := newSession(t, gopls.Cmd)
			for i, message := range said {
				s.say(t, message)
				if i == 0 {
					s.answer(t)
				}
			}
			s.Close()
			if err := s.wait(t); err != nil {
				t.Error(err)
			}
			if gopls.Process != nil {
				t.Error("gopls was started")
			}
		})
	}
	t.Run("gopls ends", func(t *testing.T) {
		gopls := newPlayer(t)
		s := newSession(t, gopls.Cmd)
		s.say(t, initialize)
		s.answer(t)
		s.say(t, initialized, complete)
		s.answer(t)
		gopls.Process.Kill()
		if err := s.wait(t); err != nil {
			t.Error(err)
		}
		if _, err := s.from.ReadByte(); err != io.EOF {
			t.Errorf("the client reads %v, want that it is over", err)
		}
	})
	for name, gopls := range map[string]*exec.Cmd{
		"is not there":  exec.Command("/nonexistent/gopls"),
		"ends at once":  exec.Command("true"),
		"speaks no LSP": exec.Command("echo", "gopls: flag provided but not defined\n\n"),
	} {
		t.Run("gopls "+name, func(t *testing.T) {
			s := newSession(t, gopls)
			s.say(t, initialize)
			s.answer(t)
			s.say(t, initialized, complete)
			if err := s.wait(t); err == nil {
				t.Error("no error")
			}
			if gopls.Process != nil && gopls.ProcessState == nil {
				t.Error("gopls still runs")
			}
		})
	}
}

func TestServeRefuses(t *testing.T) {
	for said, want := range map[string]string{
		"{":                         "not JSON",
		complete:                    "textDocument/completion",
		`{"method":"initialize"}`:   "not initialize",
		`{"method":"initialized"}`:  `"initialized"`,
		`{"method":"","params":{}}`: `""`,
	} {
		s := newSession(t, newPlayer(t).Cmd)
		s.say(t, said)
		if err := s.wait(t); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("serve says %v to %s, want an error with %s", err, said, want)
		}
	}
}

func TestFilter(t *testing.T) {
	var f filter
	if err := json.Unmarshal([]byte(initialize), &f); err != nil {
		t.Fatal(err)
	}
	document := func(method, uri string) string {
		return fmt.Sprintf(`{"method":"textDocument/%s","params":{"textDocument":{"uri":%q}}}`, method, uri)
	}
	watched := func(uri string, kind int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":{"changes":[{"type":%d,"uri":%q}]}}`, kind, uri)
	}
	const own, other, beside = "file:///tmp/k%201/main.go", "file:///home/lesson/rnn.go", "file:///tmp/k%2012/main.go"
	for _, c := range []struct{ name, in, want string }{
		{"own file opened", document("didOpen", own), document("didOpen", own)},
		{"own file changed", document("didChange", own), document("didChange", own)},
		{"own file closed", document("didClose", own), document("didClose", own)},
		{"other file opened", document("didOpen", other), ""},
		{"other file changed", document("didChange", other), watched(other, 2)},
		{"other file deleted", document("didClose", other), watched(other, 3)},
		{"a folder with a longer name", document("didOpen", beside), ""},
		{"a request about another file", document("definition", other), document("definition", other)},
		{"something else", complete, complete},
		{"not JSON", "{", "{"},
	} {
		if got := string(f.message([]byte(c.in))); got != c.want {
			t.Errorf("%s: forwarded is %s, want %s", c.name, got, c.want)
		}
	}
}

// A cell that does not parse gets the imports of GoNB's other.go, on its first line.
func TestWithImports(t *testing.T) {
	dir := t.TempDir()
	other := "package main\n\nimport (\n\t\"fmt\"\n\tls \"unroll/lesson\"\n)\n\nvar x = fmt.Sprint(ls.Tanh)\n"
	if err := os.WriteFile(filepath.Join(dir, "other.go"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	uri := "file://" + dir
	var f filter
	f.Params.Folders = append(f.Params.Folders, struct{ URI string }{uri})

	const cell = "package main\n\nfunc main() {\n\tls.\n}\n"
	const imported = "package main\n\nimport \"os\"\n\nfunc main() { os. }\n"
	const wanted = "package main; import (\"fmt\"; ls \"unroll/lesson\")\n\nfunc main() {\n\tls.\n}\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"without imports", "main.go", cell, wanted},
		{"with imports", "main.go", imported, imported},
		{"another file", "go.mod", cell, cell},
	} {
		for _, method := range []string{"didOpen", "didChange"} {
			document := map[string]any{"uri": uri + "/" + c.file, "version": 7}
			params := map[string]any{"textDocument": document}
			if method == "didOpen" {
				document["text"] = c.text
			} else {
				params["contentChanges"] = []any{map[string]any{"text": c.text}}
			}
			message, err := json.Marshal(map[string]any{"method": "textDocument/" + method, "params": params})
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Params struct {
					TextDocument struct {
						Text    string
						Version int
					}
					ContentChanges []struct{ Text string }
				}
			}
			if err := json.Unmarshal(f.message(message), &got); err != nil {
				t.Fatal(err)
			}
			text := got.Params.TextDocument.Text
			if method == "didChange" {
				text = got.Params.ContentChanges[0].Text
			}
			if text != c.want || got.Params.TextDocument.Version != 7 {
				t.Errorf("%s, %s: the text is %q, want %q", c.name, method, text, c.want)
			}
		}
	}

	os.Remove(filepath.Join(dir, "other.go"))
	message, _ := json.Marshal(map[string]any{"method": "textDocument/didOpen", "params": map[string]any{
		"textDocument": map[string]any{"uri": uri + "/main.go", "text": cell},
	}})
	if got := f.message(message); !bytes.Equal(got, message) {
		t.Errorf("without other.go the message is %s, want it as it was", got)
	}
}

func TestImports(t *testing.T) {
	for source, want := range map[string]string{
		"package p\nimport \"fmt\"\nfunc (":                     `"fmt"`,
		"package p\nimport (\n_ \"a\"\n. \"b/c\"\nd \"e\"\n)\n": `_ "a"; . "b/c"; d "e"`,
		"package p\n":         "",
		"package p\nimport (": "",
		"":                    "",
	} {
		if got := imports(source); got != want {
			t.Errorf("imports(%q) = %q, want %q", source, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	r := bufio.NewReader(strings.NewReader("Content-Type: x\r\ncontent-length: 2\r\n\r\n{}Content-Length: 4\r\n\r\n\"é\""))
	for _, want := range []string{"{}", `"é"`} {
		if got, err := read(r); err != nil || string(got) != want {
			t.Errorf("read %q, %v, want %q", got, err, want)
		}
	}
	if _, err := read(r); err != io.EOF {
		t.Errorf("at the end %v, want EOF", err)
	}
	for _, broken := range []string{
		"Content-Type: x\r\n\r\n{}",
		"Content-Length: -1\r\n\r\n{}",
		"Content-Length: 9999999999\r\n\r\n{}",
		"Content-Length: 3\r\n\r\n{}",
		"no header\r\n\r\n",
	} {
		if got, err := read(bufio.NewReader(strings.NewReader(broken))); err == nil {
			t.Errorf("read(%q) = %q, want an error", broken, got)
		}
	}
}

func TestWarm(t *testing.T) {
	dir := t.TempDir()
	const source = "package main\n\nvar _ = os."
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	gopls := newPlayer(t)
	if err := warm(dir, os.Args[0], gopls.Env); err != nil {
		t.Fatal(err)
	}
	heard := gopls.heard(t)
	last := heard[len(heard)-1]
	position := last["params"].(map[string]any)["position"]
	if got, want := fmt.Sprint(last["method"], position), "textDocument/completionmap[character:11 line:2]"; got != want {
		t.Errorf("gopls was asked %s, want %s: the end of the file", got, want)
	}
	if err := warm(t.TempDir(), os.Args[0], gopls.Env); err == nil {
		t.Error("no error without main.go")
	}
}

// install copies the program and a gopls into the folders that kernel/install gives them.
func install(t *testing.T, gopls string) (program string) {
	t.Helper()
	root := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"bin", "lib"} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(root, "bin/gopls")
	if err := os.WriteFile(program, text, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "lib/gopls"), []byte(gopls), 0o700); err != nil {
		t.Fatal(err)
	}
	return program
}

// Any caller other than GoNB gets gopls itself, with bounded memory and its cache in the checkout.
func TestOthersGetGoplsItself(t *testing.T) {
	program := install(t, "#!/bin/sh\necho \"$@ $GOMEMLIMIT $GOPLSCACHE\"\nexit 5\n")
	cmd := exec.Command(program, "version", "-json")
	cmd.Env = append(os.Environ(), asSelf+"=1")
	out, _ := cmd.Output()
	cache := filepath.Join(filepath.Dir(filepath.Dir(program)), "gopls")
	if got, want := string(out), "version -json 160MiB "+cache+"\n"; got != want || cmd.ProcessState.ExitCode() != 5 {
		t.Errorf("it printed %q and ended with %d, want %q and 5", got, cmd.ProcessState.ExitCode(), want)
	}
}

// The proxy ends when GoNB ends.
func TestEndsWithItsParent(t *testing.T) {
	// A socket's path is short, so the folder is too, as GoNB's is.
	short, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	socket := filepath.Join(short, "s")
	parent := exec.Command("sh", "-c", `"$0" -listen "unix;$1" & wait`, install(t, ""), socket)
	parent.Env = append(os.Environ(), asSelf+"=1")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	listens := func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	eventually(t, "it listens", listens)
	parent.Process.Kill()
	parent.Wait()
	eventually(t, "it has ended", func() bool { return !listens() })
}

// eventually waits until done reports true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

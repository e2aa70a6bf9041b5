package smb2

import (
	"bytes"
	"reflect"
	"testing"
)

// The buffers of [MS-SMB2] 4.8.
func TestValidateNegotiateInfoHasItsLayout(t *testing.T) {
	input := expected["ioctl_request.validate"].(*IoctlRequest).Input
	output := expected["ioctl_response.validate"].(*IoctlResponse).Output
	req := ValidateNegotiateInfoRequest{0x7F, client48, SigningEnabled, []Dialect{Dialect202, Dialect210, Dialect300}}
	res := ValidateNegotiateInfoResponse{0x7F, server48, SigningEnabled, Dialect300}

	var gotReq ValidateNegotiateInfoRequest
	if err := gotReq.Decode(input); err != nil || !reflect.DeepEqual(gotReq, req) {
		t.Errorf("request: %v\n got %+v\nwant %+v", err, gotReq, req)
	}
	if got := req.Append([]byte{0xEE}); !bytes.Equal(got[1:], input) || got[0] != 0xEE {
		t.Errorf("request:\n got % x\nwant ee % x", got, input)
	}
	for n := range input {
		if err := gotReq.Decode(input[:n:n]); !isWireError(err) {
			t.Errorf("request cut to %d bytes: error %v, want a *wire.Error", n, err)
		}
	}

	var gotRes ValidateNegotiateInfoResponse
	if err := gotRes.Decode(output); err != nil || gotRes != res {
		t.Errorf("response: %v\n got %+v\nwant %+v", err, gotRes, res)
	}
	if got := res.Append([]byte{0xEE}); !bytes.Equal(got[1:], output) || got[0] != 0xEE {
		t.Errorf("response:\n got % x\nwant ee % x", got, output)
	}
	for n := range output {
		if err := gotRes.Decode(output[:n:n]); !isWireError(err) {
			t.Errorf("response cut to %d bytes: error %v, want a *wire.Error", n, err)
		}
	}
}

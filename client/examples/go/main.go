// Prints one line for each mention: subscriber ADDR:PORT LOGIN OWNER/NAME
// The GitHub token is in $GITHUB_TOKEN. docs/clients.md says what a subscriber has to do.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	mentions "mentiond/mentions/v1"
)

const maxBackoff = 30 * time.Second
const maxSilence = 2 * time.Minute // the server sends something every 30 s
// A retry cannot help.
var final = []codes.Code{codes.InvalidArgument, codes.Unauthenticated, codes.PermissionDenied,
	codes.NotFound, codes.FailedPrecondition, codes.Unimplemented}

// follow prints one stream to its end, and leaves in request what continues it.
func follow(ctx context.Context, client mentions.MentionServiceClient,
	request *mentions.SubscribeRequest, backoff *time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	silence := time.AfterFunc(maxSilence, cancel)
	stream, err := client.Subscribe(ctx, request)
	for err == nil {
		var response *mentions.SubscribeResponse
		if response, err = stream.Recv(); err == nil {
			silence.Reset(maxSilence)
			if m := response.GetMention(); m != nil {
				first, _, _ := strings.Cut(strings.TrimSpace(m.Body), "\n")
				fmt.Printf("%s %s %q\n", m.UpdatedAt.AsTime().Format(time.RFC3339), m.Url, first)
			}
			request.ResumeToken = response.ResumeToken // every response has one
			*backoff = time.Second
		}
	}
	return err
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: subscriber ADDR:PORT LOGIN OWNER/NAME")
	}
	// For loopback; elsewhere credentials.NewTLS(nil), so that nobody can read the token.
	channel, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second})) // the server allows 10 s
	if err != nil {
		log.Fatal(err)
	}
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+os.Getenv("GITHUB_TOKEN"))
	request := &mentions.SubscribeRequest{Repo: os.Args[3], User: os.Args[2]}
	for backoff := time.Second; ; backoff = min(2*backoff, maxBackoff) { // gRPC never retries a stream that has begun
		err := follow(ctx, mentions.NewMentionServiceClient(channel), request, &backoff)
		if slices.Contains(final, status.Code(err)) {
			log.Fatal(err)
		}
		wait := backoff/2 + rand.N(backoff/2)
		for _, detail := range status.Convert(err).Details() {
			if info, ok := detail.(*errdetails.RetryInfo); ok { // the least, as the server says
				wait = max(wait, info.RetryDelay.AsDuration())
			}
		}
		log.Printf("%v; again in %v", err, wait)
		time.Sleep(wait)
		channel.ResetConnectBackoff() // the wait is over
	}
}

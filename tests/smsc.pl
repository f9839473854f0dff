#!/usr/bin/perl
# A message centre for tests, on Net::SMPP: `smsc.pl PORT NAME PASSWORD`. It writes a line for each message it takes:
# number, data coding, message in hex. What becomes of a message, its number's last digit says:
#   0 delivered; 1 not delivered; 2 taken, and never a word; 3 refused; 4 throttled once; 5 the line is cut instead of an
#   answer; 6 delivered, said twice; 7 delivered, and an answer TD; 8 delivered, the receipt in the text alone.
use strict;
use warnings;
use Net::SMPP;
$| = 1;
my ($port, $name, $password) = @ARGV;
my $listening = Net::SMPP->new_listen('127.0.0.1', port => $port) or die "cannot listen: $!";
print "listening\n";
my ($count, %throttled, %open) = (0);    # open: what it has said and nobody has answered; said again after the next bind

sub say_it {
    my ($line, %what) = @_;
    $open{$line->deliver_sm(%what, async => 1)} = \%what;
}

sub receipt {
    my ($line, $to, $id, $stat, $bare) = @_;
    my $text = "id:$id sub:001 dlvrd:001 submit date:2611271930 done date:2611271930 stat:$stat err:000 text:";
    my %state = (DELIVRD => 2, UNDELIV => 5);
    say_it(
        $line, source_addr => $to, destination_addr => '1069', esm_class => 0x04, short_message => $text,
        $bare ? () : (receipted_message_id => "$id\0", message_state => pack('C', $state{$stat})),
    );
}

while (1) {
    my $line = $listening->accept or next;    # it waits a while, then gives nothing
    while (my $pdu = $line->read_pdu) {
        my $command = $pdu->{cmd};
        if ($command == 0x00000009) {
            my $known = $pdu->{system_id} eq $name && $pdu->{password} eq $password;
            $line->bind_transceiver_resp(system_id => 'centre', seq => $pdu->{seq}, status => $known ? 0 : 0x0e);
            last if !$known;
            my @again = values %open;
            %open = ();
            say_it($line, %$_) for @again;
        } elsif ($command == 0x00000004) {
            my $to = $pdu->{destination_addr};
            my $kind = substr $to, -1;
            my $id = sprintf '%08x', ++$count;
            if ($kind eq '5') { last }
            if ($kind eq '3') { $line->submit_sm_resp(message_id => '', status => 0x0b, seq => $pdu->{seq}); next }
            if ($kind eq '4' && !$throttled{$to}++) {
                $line->submit_sm_resp(message_id => '', status => 0x58, seq => $pdu->{seq});
                next;
            }
            print join(' ', $to, $pdu->{data_coding}, unpack('H*', $pdu->{short_message}) || '-'), "\n";
            $line->submit_sm_resp(message_id => $id, seq => $pdu->{seq});
            next if $kind eq '2';
            receipt($line, $to, $id, $kind eq '1' ? 'UNDELIV' : 'DELIVRD', $kind eq '8') for 1 .. ($kind eq '6' ? 2 : 1);
            say_it($line, source_addr => $to, destination_addr => '1069', short_message => 'TD')
                if $kind eq '7';
        } elsif ($command == 0x80000005) {
            delete $open{$pdu->{seq}};
        } elsif ($command == 0x00000015) {
            $line->enquire_link_resp(seq => $pdu->{seq});
        } elsif ($command == 0x00000006) {
            $line->unbind_resp(seq => $pdu->{seq});
            last;
        }
    }
    $line->close;
}

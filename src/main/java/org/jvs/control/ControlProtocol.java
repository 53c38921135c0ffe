package org.jvs.control;

/**
 * What goes over a director's control socket, a UNIX stream socket. All numbers are big-endian.
 *
 * <pre>
 * client:  greeting, once          'J' 'V' 'S' version
 *          request, any number     length:4  operation:1  body            (length counts the last two)
 * server:  reply to each request   { length:4  bytes }*  0:4              (chunks of at most 64 KiB)
 *                                  the chunks joined:  status:1  body
 * </pre>
 *
 * Status 0 is done; 1 is a refusal, and the body is its UTF-8 text. After a refusal of a request
 * that could not be understood the server closes. Requests are answered in order; a client may send
 * the next before it has read the answer.
 *
 * <pre>
 * operation        body                          answer
 *  1 apply         count:4 command*              outcome:1 for each command (its errno)
 *  2 services                                    { 1:1 service }* 0:1
 *  3 service       key                           1:1 service, or 0:1
 *  4 totals                                      stats
 *  5 connections                                 { 1:1 connection }* 0:1
 *  6 timeouts                                    tcp:4 tcpfin:4 udp:4
 *  7 daemons                                     count:1 daemon*
 *  8 settings                                    count:2 { name value }*
 *  9 table size                                  size:4
 * 10 query         name count:1 argument*        UTF-8 text to the end
 *
 * text             length:2 UTF-8
 * address          4:1 and 4 bytes, or 6:1 and 16 bytes
 * key              protocol:1 port:2 mark:4 address   (of a mark: the all-zero address of its family)
 * service spec     key scheduler:text flags:4 timeout:4 netmask:4 engine:text
 * destination spec address port:2 method:1 weight:4 upper:4 lower:4 type:1 port:2 flags:2
 * stats            connections:8 and nine more in the order of {@link org.jvs.core.admin.Stats}
 * service          spec stats count:4 { spec active:4 inactive:4 persistent:4 stats }*
 * connection       protocol:1 { address port:2 }x3 state:text expires-ms:8 engine:text data:text
 * daemon           master:1 interface:text id:4 maxlen:4 has-group:1 [address] port:4 ttl:4
 * command          kind:1 and
 *                    1 add, 2 edit service     service spec
 *                    3 delete service          key
 *                    4 add, 5 edit, 6 delete   key, destination spec
 *                    7 flush
 *                    8 zero                    has-key:1 [key]
 *                    9 timeouts                tcp:4 tcpfin:4 udp:4
 *                   10 start, 11 stop          daemon
 *                   12 setting                 name value
 * </pre>
 *
 * New operations and kinds get new numbers. A change to what is here needs a new version.
 */
final class ControlProtocol {
    static final int VERSION = 1;

    /** The greeting up to the version. */
    static final int GREETING = 'J' << 16 | 'V' << 8 | 'S';

    /** A longer request is refused, in bytes. */
    static final int MAX_REQUEST = 4 << 20;

    /** No chunk of a reply is longer, in bytes. */
    static final int MAX_CHUNK = 64 << 10;

    static final int DONE = 0;
    static final int REFUSED = 1;

    static final int APPLY = 1;
    static final int SERVICES = 2;
    static final int SERVICE = 3;
    static final int TOTALS = 4;
    static final int CONNECTIONS = 5;
    static final int TIMEOUTS = 6;
    static final int DAEMONS = 7;
    static final int SETTINGS = 8;
    static final int TABLE_SIZE = 9;
    static final int QUERY = 10;

    static final int ADD_SERVICE = 1;
    static final int EDIT_SERVICE = 2;
    static final int DELETE_SERVICE = 3;
    static final int ADD_DESTINATION = 4;
    static final int EDIT_DESTINATION = 5;
    static final int DELETE_DESTINATION = 6;
    static final int FLUSH = 7;
    static final int ZERO = 8;
    static final int SET_TIMEOUTS = 9;
    static final int START_DAEMON = 10;
    static final int STOP_DAEMON = 11;
    static final int SET_SETTING = 12;

    private ControlProtocol() {}
}

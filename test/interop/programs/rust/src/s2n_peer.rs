//! s2n-tls as an end of a run: it sends what it reads, and prints what it is sent.

mod program;

use std::ffi::{c_int, c_void};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use program::{hex, listen, Arguments, Failure, Said};
use s2n_tls::callbacks::{SessionTicket, SessionTicketCallback, VerifyHostNameCallback};
use s2n_tls::config::{Builder, Config};
use s2n_tls::connection::Connection;
use s2n_tls::enums::{ClientAuthType, Mode, PeerKeyUpdate};
use s2n_tls::security::Policy;

fn main() -> Result<(), Failure> {
    program::run(concat!("s2n-tls ", env!("S2N_VERSION")), connect, serve)
}

fn serve(given: &Arguments, said: &Receiver<Said>) -> Result<(), Failure> {
    let mut builder = common(given)?;
    if given.has("require-client") {
        builder.set_client_auth_type(ClientAuthType::Required)?;
        builder.set_verify_host_callback(AnyName)?;
    }
    if given.has("tickets") {
        builder.add_session_ticket_key(b"the only key", &[7; 32], SystemTime::now())?;
    }
    let config = builder.build()?;
    listen(|stream| converse(given, prepare(Mode::Server, &config)?, stream, said))
}

fn connect(given: &Arguments, port: u16, said: &Receiver<Said>) -> Result<(), Failure> {
    let ticket = LastTicket::default();
    let mut builder = common(given)?;
    if given.has("tickets") {
        builder.enable_session_tickets(true)?;
        builder.set_session_ticket_callback(ticket.clone())?;
    }
    if given.has("certificate") {
        builder.set_client_auth_type(ClientAuthType::Optional)?;
    }
    let config = builder.build()?;
    for _ in 0..if given.has("tickets") { 2 } else { 1 } {
        let mut connection = prepare(Mode::Client, &config)?;
        connection.set_server_name(given.need("name"))?;
        if let Some(bytes) = ticket.0.lock().unwrap().as_deref() {
            connection.set_session_ticket(bytes)?;
        }
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        converse(given, connection, stream, said)?;
    }
    Ok(())
}

fn common(given: &Arguments) -> Result<Builder, Failure> {
    let mut builder = Config::builder();
    // What it has of groups, suites and schemes is said by a policy and by nothing else
    builder.set_security_policy(&Policy::from_version("default_pq")?)?;
    builder.with_system_certs(false)?;
    builder.trust_pem(&std::fs::read(given.need("ca"))?)?;
    builder.set_max_blinding_delay(0)?;
    if let Some(path) = given.get("certificate") {
        builder.load_pem(&std::fs::read(path)?, &std::fs::read(given.need("key"))?)?;
    }
    let alpn = given.list("alpn");
    if !alpn.is_empty() {
        builder.set_application_protocol_preference(alpn)?;
    }
    let file = std::fs::OpenOptions::new().create(true).append(true).open(given.need("key-log"))?;
    let file: &'static std::fs::File = Box::leak(Box::new(file));
    // SAFETY: the file is there as long as the process
    unsafe { builder.set_key_log_callback(Some(log_key), file as *const _ as *mut c_void)? };
    Ok(builder)
}

fn prepare(mode: Mode, config: &Config) -> Result<Connection, Failure> {
    let mut connection = Connection::new(mode);
    connection.set_config(config.clone())?;
    connection.set_send_callback(Some(send))?;
    connection.set_receive_callback(Some(receive))?;
    Ok(connection)
}

/// Until one of the two closes.
fn converse(
    given: &Arguments,
    mut tls: Connection,
    stream: TcpStream,
    said: &Receiver<Said>,
) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_millis(2)))?;
    // SAFETY: the stream is there as long as the connection, which is dropped before it
    unsafe {
        tls.set_send_context(&stream as *const _ as *mut c_void)?;
        tls.set_receive_context(&stream as *const _ as *mut c_void)?;
    }
    let result = speak(given, &mut tls, said);
    // An error's alert is sent with the end
    let late = Instant::now() + Duration::from_secs(2);
    while tls.poll_shutdown().is_pending() && Instant::now() < late {}
    stream.shutdown(Shutdown::Write).ok();
    drop(tls);
    result
}

fn speak(given: &Arguments, tls: &mut Connection, said: &Receiver<Said>) -> Result<(), Failure> {
    loop {
        if let Poll::Ready(done) = tls.poll_negotiate() {
            done?;
            break;
        }
    }
    if let Some(label) = given.get("exporter") {
        let mut secret = [0; 32];
        tls.tls_exporter(label.as_bytes(), &[], &mut secret)?;
        eprintln!("exported {}", hex(&secret));
    }
    let mut buffer = vec![0; 1 << 14];
    let mut reads = true;
    loop {
        match if reads { tls.poll_recv(&mut buffer) } else { Poll::Pending } {
            Poll::Ready(Ok(0)) if given.has("half-open") => reads = false,
            Poll::Ready(Ok(0)) => return Ok(()),
            Poll::Ready(Ok(count)) => {
                std::io::stdout().write_all(&buffer[..count])?;
                std::io::stdout().flush()?;
            }
            Poll::Ready(Err(error)) => return Err(error.into()),
            Poll::Pending => {}
        }
        match said.try_recv() {
            Ok(Said::Bytes(bytes)) => send_all(tls, &bytes)?,
            // It is sent with what is said next
            Ok(Said::Update) => {
                tls.request_key_update(PeerKeyUpdate::KeyUpdateNotRequested)?;
                send_all(tls, b"\n")?;
            }
            Ok(Said::HalfClose) => while tls.poll_shutdown_send()?.is_pending() {},
            Ok(Said::Close) => return Ok(()),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) if reads => {}
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn send_all(tls: &mut Connection, mut bytes: &[u8]) -> Result<(), Failure> {
    while !bytes.is_empty() {
        if let Poll::Ready(count) = tls.poll_send(bytes) {
            bytes = &bytes[count?..];
        }
    }
    Ok(())
}

/// A client's certificate is judged by its authority alone.
struct AnyName;

impl VerifyHostNameCallback for AnyName {
    fn verify_host_name(&self, _: &str) -> bool {
        true
    }
}

#[derive(Clone, Default)]
struct LastTicket(Arc<Mutex<Option<Vec<u8>>>>);

impl SessionTicketCallback for LastTicket {
    fn on_session_ticket(&self, _: &mut Connection, ticket: &SessionTicket) {
        let mut bytes = vec![0; ticket.len().unwrap_or(0)];
        if ticket.data(&mut bytes).is_ok() {
            *self.0.lock().unwrap() = Some(bytes);
        }
    }
}

/// What became of reading or writing, as the library wants it: the error is in `errno` already.
fn told(result: std::io::Result<usize>) -> c_int {
    result.map(|count| count as c_int).unwrap_or(-1)
}

unsafe extern "C" fn send(context: *mut c_void, bytes: *const u8, length: u32) -> c_int {
    let mut stream = &*(context as *const TcpStream);
    told(stream.write(std::slice::from_raw_parts(bytes, length as usize)))
}

unsafe extern "C" fn receive(context: *mut c_void, bytes: *mut u8, length: u32) -> c_int {
    let mut stream = &*(context as *const TcpStream);
    told(stream.read(std::slice::from_raw_parts_mut(bytes, length as usize)))
}

unsafe extern "C" fn log_key(
    context: *mut c_void,
    _: *mut s2n_tls_sys::s2n_connection,
    line: *mut u8,
    length: usize,
) -> c_int {
    let mut file = &*(context as *const std::fs::File);
    let line = [std::slice::from_raw_parts(line, length), b"\n"].concat();
    file.write_all(&line).map(|()| 0).unwrap_or(-1)
}

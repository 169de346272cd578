//! What usually listens on a port (S62 to S64, S99 to S101).

use super::Port;

/// Port and service, sorted by port.
const SERVICES: &[(u16, &str)] = &[
    (21, "ftp"),
    (22, "ssh"),
    (23, "telnet"),
    (25, "smtp"),
    (53, "dns"),
    (80, "http"),
    (88, "kerberos"),
    (110, "pop3"),
    (111, "rpcbind"),
    (135, "msrpc"),
    (139, "netbios"),
    (143, "imap"),
    (179, "bgp"),
    (389, "ldap"),
    (443, "https"),
    (445, "smb"),
    (465, "smtps"),
    (514, "syslog"),
    (587, "submission"),
    (631, "ipp"),
    (636, "ldaps"),
    (853, "dns over tls"),
    (873, "rsync"),
    (993, "imaps"),
    (995, "pop3s"),
    (1080, "socks"),
    (1194, "openvpn"),
    (1433, "sql server"),
    (1521, "oracle"),
    (1883, "mqtt"),
    (2049, "nfs"),
    (2181, "zookeeper"),
    (2375, "docker"),
    (2376, "docker tls"),
    (2379, "etcd"),
    (2380, "etcd peer"),
    (3000, "grafana"),
    (3128, "squid"),
    (3268, "global catalog"),
    (3306, "mysql"),
    (3389, "rdp"),
    (4222, "nats"),
    (5044, "logstash"),
    (5060, "sip"),
    (5432, "postgresql"),
    (5601, "kibana"),
    (5671, "amqps"),
    (5672, "amqp"),
    (5900, "vnc"),
    (5985, "winrm"),
    (6379, "redis"),
    (6432, "pgbouncer"),
    (6443, "kubernetes api"),
    (6667, "irc"),
    (7000, "cassandra peer"),
    (8080, "http-alt"),
    (8086, "influxdb"),
    (8200, "vault"),
    (8300, "consul"),
    (8443, "https-alt"),
    (8500, "consul http"),
    (8883, "mqtts"),
    (9000, "minio"),
    (9042, "cassandra"),
    (9090, "prometheus"),
    (9092, "kafka"),
    (9093, "alertmanager"),
    (9100, "node exporter"),
    (9115, "blackbox exporter"),
    (9200, "elasticsearch"),
    (9300, "elasticsearch peer"),
    (11211, "memcached"),
    (15672, "rabbitmq http"),
    (25565, "minecraft"),
    (26379, "redis sentinel"),
    (27017, "mongodb"),
    (33060, "mysql x"),
    (50051, "grpc"),
    (61616, "activemq"),
];

/// The name of the service that usually listens on this port.
pub fn name(port: Port) -> Option<&'static str> {
    SERVICES.binary_search_by_key(&port.get(), |&(number, _)| number).ok().map(|place| SERVICES[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_can_be_found() {
        assert!(SERVICES.is_sorted_by_key(|&(port, _)| port));
        for &(port, service) in SERVICES {
            assert_eq!(Port::new(port).and_then(name), Some(service));
        }
        assert_eq!(Port::new(4).and_then(name), None);
    }
}

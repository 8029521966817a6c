"""Visitors who click in parallel, each on all web servers in turn, while memcacheds restart."""

from load import Load


def click_while_servers_restart(test, servers, nodes, clients):
    """Each server in turn is killed and started again empty, in the middle of clicks.

    Fails `test` if a visit was refused, or a session does not have exactly its clicks.
    """
    with Load(nodes, clients, threads=len(clients)) as load:
        for server in servers:
            load.wait_for_round()
            server.kill()
            load.wait_for_round()
            server.start()
            load.settle()
    lost = load.refused()
    test.assertEqual(lost, [], f"{len(lost)} of {load.clicks} clicks were refused")
    for client in clients:
        test.assertEqual(client.account.lowest, client.account.highest)
        for node in nodes:
            client.read(node)
    test.assertEqual(sum(client.account.lowest for client in clients), load.clicks)
    print(f"         {load.clicks} clicks, {len(lost)} lost, {len(servers)} restarts")
